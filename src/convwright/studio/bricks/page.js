// The walking window: shows, stop by stop, what the server has computed.
const bricks = {
  timer: 0,
  is_playing: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  at: 0,

  // A new walk is on the page; one that had come to its end stays there.
  begin(place) {
    bricks.place = place;
    bricks.data = JSON.parse(place.dataset.walk);
    bricks.show(bricks.is_playing ? 0 : bricks.data.stops.length - 1);
    bricks.play(bricks.is_playing);
  },

  show(number) {
    const { place, data } = bricks;
    bricks.at = Math.min(Math.max(number, 0), data.stops.length - 1);
    const stop = data.stops[bricks.at];
    place.querySelector(".window").style.transform = `translate(${stop.x}px, ${stop.y}px)`;
    const outputs = place.querySelectorAll("[data-stop]");
    outputs.forEach((cell, n) => cell.classList.toggle("later", n > bricks.at));
    const cell = outputs[bricks.at].firstElementChild;
    place.querySelector(".here").style.transform = `translate(${cell.getAttribute("x")}px, ${cell.getAttribute("y")}px)`;
    place.querySelectorAll(".under-tap").forEach((tap, n) => {
      const [rect, value, pull, strength] = tap.children;
      const [texts, looks] = [stop.taps[n], stop.fills[n]];
      tap.classList.toggle("pad", !texts);
      rect.setAttribute("fill", looks ? looks[0] : "none");
      value.textContent = texts ? texts[0] : "";
      pull.textContent = texts ? texts[1] : "padding";
      for (const text of [value, pull]) text.setAttribute("fill", looks ? looks[1] : "");
      strength.style.transform = `scaleX(${texts ? texts[2] : 0})`;
    });
    place.querySelector(".words").textContent = stop.words;
  },

  play(is_playing) {
    bricks.is_playing = is_playing;
    clearInterval(bricks.timer);
    bricks.place.querySelector("[data-step=play]").textContent = is_playing ? "Pause" : "Play";
    bricks.place.querySelector(".words").setAttribute("aria-live", is_playing ? "off" : "polite");
    if (!is_playing) return;
    bricks.timer = setInterval(() => {
      if (!bricks.place.isConnected) clearInterval(bricks.timer);
      else if (bricks.at + 1 < bricks.data.stops.length) bricks.show(bricks.at + 1);
      else bricks.play(false);
    }, bricks.data.pause);
  },

  step(name) {
    const last = bricks.data.stops.length - 1;
    if (name === "play") {
      if (!bricks.is_playing && bricks.at === last) bricks.show(0);
      bricks.play(!bricks.is_playing);
      return;
    }
    bricks.play(false);
    bricks.show({ first: 0, back: bricks.at - 1, on: bricks.at + 1, last }[name]);
  },

  // What stands beside each slider, and which knobs change nothing here.
  label(state) {
    for (const output of document.querySelectorAll(".slider output")) output.value = output.previousElementSibling.value;
    for (const knob of document.querySelectorAll("[data-knob]")) {
      const is_idle = state.idle.includes(knob.dataset.knob);
      knob.classList.toggle("idle", is_idle);
      knob.querySelector("input, select").disabled = is_idle;
    }
  },
};

const fill = studio.fill;
studio.fill = (state, everything) => {
  fill(state, everything);
  bricks.label(state);
};

new MutationObserver(() => {
  const place = document.querySelector("[data-walk]");
  if (place && place !== bricks.place) bricks.begin(place);
}).observe(document, { childList: true, subtree: true });

addEventListener("input", (event) => {
  if (event.target.type === "range") event.target.nextElementSibling.value = event.target.value;
});

addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  const cell = event.target.closest("[data-stop]");
  if (button) bricks.step(button.dataset.step);
  if (cell) {
    bricks.play(false);
    bricks.show(Number(cell.dataset.stop));
  }
});

addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-walk]")) return;
  const name = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last", " ": "play" }[event.key];
  if (!name) return;
  event.preventDefault();
  bricks.step(name);
});
