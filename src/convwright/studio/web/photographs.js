// Photographs are sent as they are; the server says under which name each is kept, and that is chosen then.
const photographs = {
  async send(place, file) {
    const input = place.querySelector("input[type=file]");
    photographs.say(place, "");
    if (!file) return;
    if (file.size > Number(input.dataset.most)) {
      photographs.say(place, input.dataset.tooLarge);
      return;
    }
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch("/photographs", { method: "POST", body: file });
      const said = await answer.text();
      if (answer.ok) photographs.choose(place.querySelector("select"), said);
      else photographs.say(place, said);
    } catch {
      photographs.say(place, "The studio could not be reached: is it still running?");
    } finally {
      place.removeAttribute("aria-busy");
      input.value = "";
    }
  },

  choose(select, name) {
    if (![...select.options].some((option) => option.value === name)) select.add(new Option(name));
    select.value = name;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  },

  say(place, words) {
    const problem = place.querySelector("[role=alert]");
    problem.textContent = words;
    problem.hidden = !words;
  },

  place(event) {
    return event.target.closest?.("[data-photographs]");
  },
};

// Before the page hears of it: a file is no value of a control.
addEventListener("change", (event) => {
  if (event.target.type !== "file" || !photographs.place(event)) return;
  event.stopPropagation();
  photographs.send(photographs.place(event), event.target.files[0]);
}, true);

for (const name of ["dragover", "dragleave", "drop"]) {
  addEventListener(name, (event) => {
    const place = photographs.place(event);
    if (!place || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    place.classList.toggle("dropping", name === "dragover");
    if (name === "drop") photographs.send(place, event.dataTransfer.files[0]);
  });
}
