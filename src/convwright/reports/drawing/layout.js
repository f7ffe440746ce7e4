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
  const lines = [...(links.get(frame.id) ?? new Map()).values()];
  // dagre places boxes by the main lines alone; skips then pass beside them. So the main line stays straight, and a frame
  // in which everything skips to everything takes no longer than another.
  const main = lines.filter((line) => line.kind !== "skip"), skips = lines.filter((line) => line.kind === "skip");
  const ports = new Set(main.flatMap((line) => [line.from, line.to]).filter(isPort));
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ ranksep: SPACE.rank, nodesep: SPACE.node, edgesep: SPACE.edge, marginx: 0, marginy: 0 });
  for (const port of ports) g.setNode(port, { width: 1, height: 1 });
  for (const child of inside.get(frame.id)) {
    const size = placed.get(child.id) ?? child;
    g.setNode(child.id, { width: size.width, height: size.height });
  }
  for (const line of main) g.setEdge(line.from, line.to, { weight: WEIGHT[line.kind] }, line.source);
  tieEnds(g, ports);
  dagre.layout(g);
  alignPorts(g, main, ports, placed);
  const ranks = ranksOf(g);
  const drawn = main.map((line) => ({ ...line, points: route(g, line, ranks, placed) }));
  drawn.push(...passBeside(g, skips, ranks, placed, drawn));
  return drawFrame(frame, inside.get(frame.id), g, drawn, placed);
}

const isPort = (id) => /^(in|out):/.test(id);

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

function drawFrame(frame, children, g, drawn, placed) {
  spreadArrivals(drawn, g, placed, children);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const child of children) {
    const n = g.node(child.id);
    [left, right] = [Math.min(left, n.x - n.width / 2), Math.max(right, n.x + n.width / 2)];
    [top, bottom] = [Math.min(top, n.y - n.height / 2), Math.max(bottom, n.y + n.height / 2)];
  }
  for (const line of drawn) for (const [x] of line.points) [left, right] = [Math.min(left, x), Math.max(right, x)];
  const isBent = drawn.some((line) => isPort(line.from) && line.points[0][0] !== line.points[line.points.length - 1][0]);
  const head = frame.id === "" ? SPACE.margin : SPACE.title + (isBent ? 2 : 1) * SPACE.pad;
  const pad = frame.id === "" ? SPACE.margin : SPACE.pad;
  const main = mainColumn(drawn);
  // The main line runs through the middle of the frame, so that it goes straight on outside; the title stands beside it.
  const middle = main ?? (left + right) / 2;
  const half = Math.max(middle - left + pad, right - middle + pad, main === null ? frame.title / 2 + 8 : frame.title + 14);
  const box = { width: 2 * half, height: bottom - top + head + pad, dx: half - middle, dy: head - top };
  const entries = {}, exits = {};  // of each tensor that passes the border, from the middle
  for (const line of drawn) {
    const first = line.points[0], last = line.points[line.points.length - 1];
    if (isPort(line.from)) entries[line.source] = first[0] - middle;
    if (isPort(line.to)) exits[line.source] = last[0] - middle;
    line.points = line.points.map(([x, y]) => [x + box.dx, Math.max(0, Math.min(y + box.dy, box.height))]);
    if (isPort(line.from)) [line.points[0][1], line.points[1][1]] = [0, SPACE.title];  // straight past the title
    if (isPort(line.to)) line.points[line.points.length - 1][1] = box.height;
    line.arrow = !isPort(line.to) && !placed.has(line.to);
  }
  const nodes = children.map((child) => ({ id: child.id, x: g.node(child.id).x + box.dx, y: g.node(child.id).y + box.dy }));
  return { ...box, nodes, lines: drawn, entries, exits };
}

function mainColumn(drawn) {
  const ends = drawn.flatMap(({ from, to, kind, points }) => [
    ...(isPort(from) ? [[WEIGHT[kind], points[0][0]]] : []),
    ...(isPort(to) ? [[WEIGHT[kind], points[points.length - 1][0]]] : []),
  ]);
  const strongest = Math.max(...ends.map(([weight]) => weight));
  return ends.find(([weight]) => weight === strongest)?.[1] ?? null;
}

// Top and bottom of each rank, from above; the rank of a node is found by the height of its middle.
function ranksOf(g) {
  const bounds = new Map();
  for (const id of g.nodes()) {
    const n = g.node(id), key = Math.round(n.y * 10), half = isPort(id) ? 0 : n.height / 2;
    const old = bounds.get(key) ?? { top: n.y, bottom: n.y, left: n.x, right: n.x };
    bounds.set(key, {
      top: Math.min(old.top, n.y - half),
      bottom: Math.max(old.bottom, n.y + half),
      left: Math.min(old.left, n.x - n.width / 2),
      right: Math.max(old.right, n.x + n.width / 2),
    });
  }
  const keys = [...bounds.keys()].sort((a, b) => a - b);
  const rows = keys.map((key) => bounds.get(key));
  return { rows, number: (y) => keys.indexOf(Math.round(y * 10)) };
}

// A line bends between ranks only: past the boxes of a rank it runs straight down.
function route(g, line, ranks, placed) {
  const from = g.node(line.from), to = g.node(line.to);
  const row = (y) => ranks.rows[ranks.number(y)];
  const start = from.x + (placed.get(line.from)?.exits[line.source] ?? 0);
  const end = to.x + (placed.get(line.to)?.entries[line.source] ?? 0);
  const points = [[start, from.y + (isPort(line.from) ? 0 : from.height / 2)], [start, row(from.y).bottom]];
  for (const { x, y } of g.edge(line.from, line.to, line.source).points.slice(1, -1)) {
    const passed = row(y);  // none at the rank of an edge label
    if (!passed) continue;
    points.push([x, passed.top], [x, passed.bottom]);
    [passed.left, passed.right] = [Math.min(passed.left, x), Math.max(passed.right, x)];
  }
  points.push([end, row(to.y).top], [end, to.y - (isPort(line.to) ? 0 : to.height / 2)]);
  return points;
}

// Skips: each tensor runs down beside the boxes that it passes, short ways inside, and turns off before each reader.
function passBeside(g, skips, ranks, placed, drawn) {
  const { rows } = ranks, tracks = new Map(), last = rows.length;
  const rank = (id, fallback) => (g.hasNode(id) ? ranks.number(g.node(id).y) : fallback);
  for (const line of skips) {
    const key = `${line.from}\n${line.source}`, start = rank(line.from, -1), end = rank(line.to, last);
    const old = tracks.get(key) ?? { start, end, lines: [] };
    old.end = Math.max(old.end, end);
    old.lines.push({ line, end });
    tracks.set(key, old);
  }
  const middle = drawn.length ? drawn[0].points[0][0] : 0;
  const result = [];
  for (const { start, end, lines } of [...tracks.values()].sort((a, b) => a.end - a.start - (b.end - b.start))) {
    const passed = rows.slice(Math.max(start, 0), end + 1);
    const right = Math.max(...passed.map((row) => row.right)) + SPACE.edge;
    const left = Math.min(...passed.map((row) => row.left)) - SPACE.edge;
    const isRight = right - middle <= middle - left + 4 * SPACE.edge;
    let x = isRight ? right : left;
    const { from, source } = lines[0].line;
    const inner = lines.map(({ line }) => placed.get(line.to)?.entries[source]);
    if (isRight && lines.length === 1 && inner[0] !== undefined) x = Math.max(x, g.node(lines[0].line.to).x + inner[0]);
    for (const row of passed) [row.left, row.right] = [Math.min(row.left, x), Math.max(row.right, x)];
    for (const { line, end: to } of lines) result.push({ ...line, points: beside(g, line, from, start, to, x, rows, placed) });
  }
  return result;
}

function beside(g, line, from, start, end, x, rows, placed) {
  const points = [];
  if (start < 0) points.push([x, rows[0].top - SPACE.rank], [x, rows[0].top - SPACE.rank]);
  else {
    const n = g.node(from), out = n.x + (placed.get(from)?.exits[line.source] ?? 0);
    points.push([out, n.y + (isPort(from) ? 0 : n.height / 2)], [out, rows[start].bottom]);
  }
  if (end - start > 1 && start + 1 < rows.length) points.push([x, rows[start + 1].top], [x, rows[end - 1].bottom]);
  if (end === rows.length) points.push([x, rows[end - 1].bottom], [x, rows[end - 1].bottom + SPACE.rank]);
  else {
    const n = g.node(line.to), into = n.x + (placed.get(line.to)?.entries[line.source] ?? 0);
    points.push([into, rows[end].top], [into, n.y - (isPort(line.to) ? 0 : n.height / 2)]);
  }
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
