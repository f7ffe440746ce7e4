// Places boxes inside nested frames. dagre lays out the children of each frame; a frame is one box in the frame around it.
// The same file serves Python (through mini-racer) and a browser; it needs the global `dagre`.
//
// graph: {nodes: [{id, parent, width, height, round}], frames: [{id, parent, title}], edges: [{source, target, kind}]}
//   parent is "" outside of all frames; frames come before the frames inside them; title is the width of the title.
// Returns {width, height, nodes: {id: {x, y}}, frames: {id: {x, y, width, height}}, lines: [...]}
//   x, y of a node are its center, of a frame its top left corner. A line is {source, targets, kind, arrow, points}: the
//   tensor of `source` on its way to `targets`; a point is [x, y], and lines run straight down between the points of a pair.
"use strict";

// dagre clones plain values with what browsers have and bare V8 has not.
const clone = (value) => {
  if (Array.isArray(value)) return value.map(clone);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clone(item)]));
};
globalThis.structuredClone ??= clone;

const SPACE = { rank: 20, node: 18, edge: 12, pad: 10, title: 18, margin: 10 };
const WEIGHT = { flow: 8, gate: 2, skip: 1 };

function layoutNetwork(graph) {
  const items = new Map([...graph.frames, ...graph.nodes].map((item) => [item.id, item]));
  const inside = new Map([["", []]]);
  for (const frame of graph.frames) inside.set(frame.id, []);
  for (const item of items.values()) inside.get(item.parent).push(item);
  const chains = new Map();  // of each item: itself and the frames around it, the outermost first
  const chain = (id) => {
    if (!chains.has(id)) chains.set(id, id === "" ? [] : [...chain(items.get(id).parent), id]);
    return chains.get(id);
  };
  const links = linksOfFrames(graph.edges, chain);
  const placed = new Map();  // frame -> what it contains, in its own coordinates
  for (const frame of [...graph.frames].reverse()) placed.set(frame.id, layoutFrame(frame, inside, links, placed));
  const whole = layoutFrame({ id: "", title: 0 }, inside, links, placed);
  const result = { width: whole.width, height: whole.height, nodes: {}, frames: {}, lines: [] };
  gather(whole, 0, 0, placed, result);
  return result;
}

// Of each frame: the lines inside it, between its children, from its entries and to its exits. A tensor enters and leaves
// a frame at one point, however many read it.
function linksOfFrames(edges, chain) {
  const links = new Map();
  const add = (frame, from, to, edge) => {
    if (!links.has(frame)) links.set(frame, new Map());
    const key = `${from}\n${to}\n${edge.source}`;
    const old = links.get(frame).get(key);
    if (!old) links.get(frame).set(key, { from, to, source: edge.source, targets: [edge.target], kind: edge.kind });
    else {
      old.targets.push(edge.target);
      if (WEIGHT[edge.kind] > WEIGHT[old.kind]) old.kind = edge.kind;
    }
  };
  for (const edge of edges) {
    const up = chain(edge.source), down = chain(edge.target);
    let common = 0;
    while (up[common] === down[common]) common++;
    for (let i = common; i + 1 < up.length; i++) add(up[i], up[i + 1], "out:" + edge.source, edge);
    add(common ? up[common - 1] : "", up[common], down[common], edge);
    for (let i = common; i + 1 < down.length; i++) add(down[i], "in:" + edge.source, down[i + 1], edge);
  }
  return links;
}

function layoutFrame(frame, inside, links, placed) {
  const lines = bundled([...(links.get(frame.id) ?? new Map()).values()], inside.get(frame.id));
  lines.sort((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind]);
  const ports = new Set();
  for (const line of lines) for (const end of [line.from, line.to]) if (/^(in|out):/.test(end)) ports.add(end);
  // Without lines that pass boxes there is nothing to choose between.
  const ways = lines.length < 100 && lines.some((line) => line.kind !== "flow") ? ["", "UL", "UR", "DL", "DR"] : [""];
  const tried = ways.map((align) => place(frame, inside, lines, ports, placed, align));
  const bends = tried.map((g) => bendOf(g, lines));
  const best = tried[bends.indexOf(Math.min(...bends))];
  return drawFrame(frame, inside.get(frame.id), best, lines, ports, placed);
}

// Lines of one tensor that pass boxes on their way to several others share one line, with a junction before each.
function bundled(lines, children) {
  const order = new Map(children.map((child, index) => [child.id, index]));
  const groups = new Map();
  for (const line of lines) {
    const key = line.kind === "skip" ? `${line.from}\n${line.source}` : Symbol("alone");
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const result = [];
  let number = 0;
  for (const group of groups.values()) {
    group.sort((a, b) => (order.get(a.to) ?? Infinity) - (order.get(b.to) ?? Infinity));
    let { from } = group[0];
    group.forEach((line, i) => {
      if (i < group.length - 1) {
        const junction = `join:${number++}`;
        const targets = group.slice(i).flatMap((later) => later.targets);
        result.push({ ...line, from, to: junction, targets });
        from = junction;
      }
      result.push({ ...line, from });
    });
  }
  return result;
}

// How far the main line strays from straight down, in px.
function bendOf(g, lines) {
  const main = lines.filter((line) => line.kind === "flow");
  return Math.round(main.reduce((sum, line) => sum + Math.abs(g.node(line.from).x - g.node(line.to).x), 0));
}

function place(frame, inside, lines, ports, placed, align) {
  const g = new dagre.graphlib.Graph({ multigraph: true });
  const graph = { ranksep: SPACE.rank, nodesep: SPACE.node, edgesep: SPACE.edge, marginx: 0, marginy: 0 };
  g.setGraph(align ? { ...graph, align } : graph);
  // What comes first stands to the left, where nothing speaks against it: there lines pass the boxes.
  for (const port of ports) g.setNode(port, { width: 1, height: 1 });
  for (const line of lines) if (isJunction(line.to)) g.setNode(line.to, { width: 1, height: 1 });
  for (const child of inside.get(frame.id)) {
    const size = placed.get(child.id) ?? child;
    g.setNode(child.id, { width: size.width, height: size.height });
  }
  for (const line of lines) g.setEdge(line.from, line.to, { weight: WEIGHT[line.kind] }, line.source);
  tieEnds(g, ports);
  dagre.layout(g);
  return g;
}

const isJunction = (id) => id.startsWith("join:");
const isPoint = (id) => /^(in|out|join):/.test(id);

// Entries stay above everything and exits below: two boxes without size hold them there.
function tieEnds(g, ports) {
  if (ports.size < 2) return;
  const [entries, exits] = ["in:", "out:"].map((kind) => [...ports].filter((port) => port.startsWith(kind)));
  const tie = (name, from, to) => { g.setEdge(from, to, { weight: 40 }, name); };
  if (entries.length) g.setNode("top", { width: 1, height: 1 });
  if (exits.length) g.setNode("bottom", { width: 1, height: 1 });
  for (const port of entries) tie("tie", "top", port);
  for (const port of exits) tie("tie", port, "bottom");
  const own = g.nodes().filter((id) => !ports.has(id) && id !== "top" && id !== "bottom");
  for (const id of own) {
    if (entries.length && !g.inEdges(id).length) g.setEdge("top", id, { weight: 0, minlen: 2 }, "tie");
    if (exits.length && !g.outEdges(id).length) g.setEdge(id, "bottom", { weight: 0, minlen: 2 }, "tie");
  }
}

// A line that enters a frame only to enter the next one goes straight through both borders.
function alignPorts(g, lines, ports, placed) {
  for (const port of ports) {
    const own = lines.filter((line) => line.from === port || line.to === port);
    if (own.length !== 1) continue;
    const [{ from, to, source }] = own;
    if (g.edge(from, to, source).points.length > 3) continue;  // it passes a box on its way
    const inner = placed.get(from === port ? to : from);
    const offset = from === port ? inner?.entries[source] : inner?.exits[source];
    if (offset !== undefined) g.node(port).x = g.node(from === port ? to : from).x + offset;
  }
}

function drawFrame(frame, children, g, lines, ports, placed) {
  alignPorts(g, lines, ports, placed);
  const ranks = rankBounds(g);
  const drawn = lines.map((line) => ({ ...line, points: route(g, line, ranks, placed) }));
  spreadArrivals(drawn, g, placed, children);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const cover = (x, y) => {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  };
  for (const child of children) {
    const n = g.node(child.id);
    cover(n.x - n.width / 2, n.y - n.height / 2);
    cover(n.x + n.width / 2, n.y + n.height / 2);
  }
  for (const line of drawn) for (const [x] of line.points) cover(x, top);
  const pad = frame.id === "" ? SPACE.margin : SPACE.pad;
  const isBent = drawn.some((line) => ports.has(line.from) && line.points[0][0] !== line.points[line.points.length - 1][0]);
  const head = frame.id === "" ? SPACE.margin : SPACE.title + (isBent ? 2 : 1) * SPACE.pad;
  const main = mainColumn(g, lines, ports);
  // The main line runs through the middle of the frame, so that it goes straight on outside; the title stands beside it.
  const middle = main ?? (left + right) / 2;
  const half = Math.max(middle - left + pad, right - middle + pad, main === null ? frame.title / 2 + 8 : frame.title + 14);
  const box = { width: 2 * half, height: bottom - top + head + pad, dx: half - middle, dy: head - top };
  const shift = ([x, y]) => [x + box.dx, y + box.dy];
  const entries = {}, exits = {};
  for (const port of ports) {
    const x = g.node(port).x - middle;  // from the middle, at the frame's border
    if (port.startsWith("in:")) entries[port.slice(3)] = x;
    else exits[port.slice(4)] = x;
  }
  for (const line of drawn) {
    line.points = line.points.map(shift).map(([x, y]) => [x, Math.max(0, Math.min(y, box.height))]);
    if (ports.has(line.from)) [line.points[0][1], line.points[1][1]] = [0, SPACE.title];  // straight past the title
    if (ports.has(line.to)) line.points[line.points.length - 1][1] = box.height;
    line.arrow = !isPoint(line.to) && !placed.has(line.to);
  }
  const nodes = children.map((child) => ({ id: child.id, x: g.node(child.id).x + box.dx, y: g.node(child.id).y + box.dy }));
  return { ...box, nodes, lines: drawn, entries, exits };
}

function mainColumn(g, lines, ports) {
  const ends = lines.filter((line) => line.kind === "flow").flatMap((line) => [line.from, line.to]);
  const main = ends.find((end) => ports.has(end)) ?? [...ports][0];
  if (main !== undefined) return g.node(main).x;
  return null;
}

function rankBounds(g) {
  const bounds = new Map();
  for (const id of g.nodes()) {
    const n = g.node(id), key = Math.round(n.y * 10), half = isPoint(id) ? 0 : n.height / 2;
    const old = bounds.get(key) ?? [n.y, n.y];
    bounds.set(key, [Math.min(old[0], n.y - half), Math.max(old[1], n.y + half)]);
  }
  return bounds;
}

// A line bends between ranks only: past the boxes of a rank it runs straight down.
function route(g, line, ranks, placed) {
  const from = g.node(line.from), to = g.node(line.to);
  const middle = g.edge(line.from, line.to, line.source).points.slice(1, -1);
  const around = (n) => ranks.get(Math.round(n.y * 10));
  const start = from.x + (placed.get(line.from)?.exits[line.source] ?? 0);
  const end = to.x + (placed.get(line.to)?.entries[line.source] ?? 0);
  const points = [[start, isPoint(line.from) ? from.y : from.y + from.height / 2], [start, around(from)[1]]];
  for (const { x, y } of middle) {
    const rank = ranks.get(Math.round(y * 10));  // none at the rank of an edge label
    if (rank) points.push([x, rank[0]], [x, rank[1]]);
  }
  points.push([end, around(to)[0]], [end, isPoint(line.to) ? to.y : to.y - to.height / 2]);
  return points;
}

// Lines that end at one box arrive beside each other; at a round one, those from far beside arrive at its side.
function spreadArrivals(lines, g, placed, children) {
  for (const child of children) {
    if (placed.has(child.id)) continue;
    const n = g.node(child.id);
    const arriving = lines.filter((line) => line.to === child.id);
    const before = (line) => line.points[line.points.length - 3][0];
    arriving.sort((a, b) => before(a) - before(b));
    const flows = arriving.filter((line) => line.kind === "flow");
    const straight = flows.length === 1 ? arriving.indexOf(flows[0]) : (arriving.length - 1) / 2;
    const step = Math.min(18, (0.8 * n.width) / Math.max(arriving.length, 1));
    arriving.forEach((line, i) => {
      const last = line.points.length - 1, side = before(line) - n.x;
      if (child.round && arriving.length > 1 && Math.abs(side) > n.width) {
        line.points.splice(last - 1, 2, [n.x + (Math.sign(side) * n.width) / 2, n.y]);
        line.side = true;
      } else if (!child.round) {
        const limit = n.width / 2 - 8, x = n.x + Math.max(-limit, Math.min(limit, (i - straight) * step));
        line.points[last][0] = line.points[last - 1][0] = x;
      }
    });
  }
}

function gather(frame, x, y, placed, result) {
  for (const node of frame.nodes) {
    const inner = placed.get(node.id);
    if (!inner) result.nodes[node.id] = { x: x + node.x, y: y + node.y };
    else {
      const corner = [x + node.x - inner.width / 2, y + node.y - inner.height / 2];
      result.frames[node.id] = { x: corner[0], y: corner[1], width: inner.width, height: inner.height };
      gather(inner, corner[0], corner[1], placed, result);
    }
  }
  for (const { source, targets, kind, arrow, side, points } of frame.lines) {
    const moved = points.map(([px, py]) => [x + px, y + py]);
    result.lines.push({ source, targets, kind, arrow, side: Boolean(side), points: moved });
  }
}
