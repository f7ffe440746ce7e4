// The growing field: shows, layer by layer, what the server has computed.
const field = {
  timer: 0,
  at: 0,

  begin(place) {
    field.place = place;
    field.steps = JSON.parse(place.dataset.steps);
  },

  show(number) {
    const { place, steps } = field;
    field.at = Math.min(Math.max(number, 0), steps.length - 1);
    const step = steps[field.at];
    for (const rect of place.querySelectorAll(".now")) {
      for (const [name, value] of Object.entries(step.box)) {
        rect.setAttribute(name, value);
        rect.style[name] = `${value}px`;
      }
    }
    place.querySelectorAll(".ring").forEach((ring, n) => ring.classList.toggle("later", n > field.at));
    place.querySelector("#step").value = field.at;
    place.querySelector(".words").textContent = step.words;
    document.querySelectorAll(".windows tbody tr").forEach((row, n) => {
      row.toggleAttribute("aria-current", n === field.at);
      if (n === field.at) row.setAttribute("aria-current", "true");
    });
    const row = document.querySelector(".windows [aria-current]");
    const list = row?.closest(".scroll");
    if (list && list.scrollHeight > list.clientHeight) list.scrollTop = row.offsetTop - list.clientHeight / 2;
  },

  play(is_playing) {
    clearInterval(field.timer);
    field.timer = 0;
    field.place.querySelector("[data-step=play]").textContent = is_playing ? "Pause" : "Play";
    field.place.querySelector(".words").setAttribute("aria-live", is_playing ? "off" : "polite");
    if (!is_playing) return;
    const { place } = field;
    field.timer = setInterval(() => {
      if (field.place !== place) clearInterval(field.timer);
      else if (field.at + 1 < field.steps.length) field.show(field.at + 1);
      else field.choose(field.at);
    }, 450);
  },

  step(name) {
    const last = field.steps.length - 1;
    if (name !== "play") field.choose({ first: 0, back: field.at - 1, on: field.at + 1, last }[name]);
    else if (field.timer) field.choose(field.at);
    else {
      if (field.at === last) field.show(0);
      field.play(true);
    }
  },

  // Where somebody stops is what the address says.
  choose(number) {
    field.play(false);
    field.show(number);
    emitEvent("studio-set", "layer", field.steps[field.at].key);
  },
};

const fill = studio.fill;
studio.fill = (state, everything) => {
  fill(state, everything);
  const place = document.querySelector("[data-steps]");
  if (!place) return;
  if (place !== field.place) {
    clearInterval(field.timer);
    field.timer = 0;
    field.begin(place);
  }
  if (!field.timer && !place.querySelector("#step:active")) field.show(state.position);
};

addEventListener("input", (event) => {
  if (event.target.id === "step") {
    field.play(false);
    field.show(Number(event.target.value));
  }
});

addEventListener("change", (event) => {
  if (event.target.id === "step") field.choose(Number(event.target.value));
});

addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  const layer = event.target.closest("[data-layer]");
  if (button) field.step(button.dataset.step);
  if (layer) field.choose(Number(layer.dataset.layer));
});
