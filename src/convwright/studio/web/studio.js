"use strict";
// State is in the address: each change is an entry of the browser's history, so that undo is a step back.
const studio = {
  step: 0,
  sent: new Map(), // what controls were set to, until the answer comes

  // The page is there: say what it shows; an entry that was made before a reload keeps its place.
  begin(state) {
    studio.step = history.state?.step ?? 0;
    studio.top = history.state ? Math.max(studio.step, Number(sessionStorage.getItem("studio-top"))) : 0;
    history.replaceState({ step: studio.step }, "", state.address);
    studio.fill(state, true);
  },

  // A step of a drawing: the parts that are new, and what to do with the state.
  show(how, parts, state) {
    studio.put(parts);
    studio[how](state, false);
    // What a button has asked for is looked at once it is there.
    const asked = document.getElementById(studio.asked);
    if (!asked?.closest(Object.keys(parts).map((name) => `#part-${name}`).join() || "none")) return;
    (asked.closest("section, .explained") ?? asked).scrollIntoView({ block: "nearest" });
    if (asked.hasAttribute("tabindex")) asked.focus();
    studio.asked = "";
  },

  // Where only what lives ([data-live]) has changed, the rest of a part stays as it is, focus and typing included.
  put(parts) {
    for (const [name, html] of Object.entries(parts)) {
      const part = document.getElementById(`part-${name}`);
      if (!part) continue;
      const fresh = document.createElement("div");
      fresh.innerHTML = html;
      const now = fresh.querySelectorAll("[data-live]");
      if (now.length && studio.bare(part) === studio.bare(fresh)) {
        part.querySelectorAll("[data-live]").forEach((each, i) => {
          if (each.innerHTML !== now[i].innerHTML) each.innerHTML = now[i].innerHTML;
        });
        continue;
      }
      const opened = [...part.querySelectorAll("details[id][open]")].map((each) => each.id);
      part.replaceChildren(...fresh.childNodes);
      for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    }
  },

  // A part without what lives, and without what somebody or a script has changed in it.
  bare(part) {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("[data-live]").forEach((each) => each.replaceChildren());
    copy.querySelectorAll("details").forEach((each) => { each.open = false; });
    copy.querySelectorAll("[data-knob]").forEach((each) => each.classList.remove("changed", "idle"));
    return copy.innerHTML;
  },

  // A change was made here.
  go(state) {
    const here = new URL(state.address, location.href).search;
    if (here !== location.search) {
      studio.step += 1;
      studio.top = studio.step;
      history.pushState({ step: studio.step }, "", state.address);
    }
    studio.sent.clear();
    studio.fill(state, false);
  },

  // A change that is no step of its own.
  replace(state) {
    history.replaceState({ step: studio.step }, "", state.address);
    studio.sent.clear();
    studio.fill(state, false);
  },

  // The browser moved to an entry, which is shown now.
  stay(state) {
    studio.sent.clear();
    studio.fill(state, true);
  },

  // Controls say what is open; what somebody is typing is left alone.
  fill(state, everything) {
    sessionStorage.setItem("studio-top", studio.top);
    for (const [name, text] of Object.entries(state.values)) {
      const control = document.getElementById(name === "model" ? "choose-model" : `knob-${name}`);
      if (!control || studio.sent.has(name)) continue;
      const typing = control === document.activeElement && control.matches("textarea, input:not([type=checkbox])");
      if (control.type === "checkbox") control.checked = text === "yes";
      else if (everything || !typing) control.value = text;
      control.closest("[data-knob]")?.classList.toggle("changed", state.changed.includes(name));
    }
    // The page of fields opens what the designer shows.
    if (location.pathname === "/") document.querySelector(".bar a[href^='/field']").href = `/field${state.address}`;
    document.querySelectorAll("[id^=part-]").forEach((part) => part.toggleAttribute("aria-busy", state.busy.includes(part.id.slice(5))));
    document.title = `${state.title} · convwright studio`;
    document.getElementById("undo").disabled = studio.step === 0;
    document.getElementById("redo").disabled = studio.step >= studio.top;
  },

  control(control) {
    return [control.name, control.type === "checkbox" ? (control.checked ? "yes" : "no") : control.value];
  },

  theme(name) {
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
  },
};

// What was redrawn keeps the focus: the control of the same id has it again.
addEventListener("focusin", (event) => { studio.focused = event.target.id; });
addEventListener("pointerdown", () => { studio.focused = ""; });
new MutationObserver(() => {
  if (studio.focused && document.activeElement === document.body) document.getElementById(studio.focused)?.focus({ preventScroll: true });
}).observe(document, { childList: true, subtree: true });

// Controls of the page are known by their names. In a form with data-typing, each letter counts; a slider is heard of
// while it moves.
for (const type of ["input", "change"]) {
  addEventListener(type, (event) => {
    const control = event.target;
    if (!control.name || !control.closest("#main")) return;
    const is_typing = control.form?.hasAttribute("data-typing");
    if (type === (is_typing ? "input" : "change")) {
      studio.sent.set(...studio.control(control));
      emitEvent("studio-set", ...studio.control(control));
    }
    else if (control.type === "range") emitEvent("studio-drag", ...studio.control(control));
  });
}

addEventListener("click", (event) => {
  const button = event.target.closest("#main [data-act]");
  if (!button) return;
  studio.asked = button.dataset.asks ?? "";
  emitEvent("studio-act", button.dataset.act);
});

studio.theme(localStorage.getItem("studio-theme"));

addEventListener("popstate", (event) => {
  if (event.state?.step === undefined) return;
  studio.step = event.state.step;
  emitEvent("studio-moved", Object.fromEntries(new URLSearchParams(location.search)));
});

addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("textarea, input:not([type=checkbox], [type=range])");
  if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  document.getElementById(event.shiftKey ? "redo" : "undo").click();
});

addEventListener("click", (event) => {
  const target = event.target.closest("#undo, #redo, #theme, [data-copy], a[href^='#']");
  if (!target) return;
  if (target.id === "undo") history.back();
  else if (target.id === "redo") history.forward();
  else if (target.dataset.copy) {
    navigator.clipboard.writeText(document.getElementById(target.dataset.copy).textContent);
    target.textContent = "Copied";
  } else if (target.id === "theme") {
    const next = { undefined: "dark", dark: "light", light: "" }[document.documentElement.dataset.theme];
    localStorage.setItem("studio-theme", next);
    studio.theme(next);
  } else {
    // A mark leads to its finding, a finding to its layer; the address stays that of the design.
    event.preventDefault();
    const place = document.getElementById(target.hash.slice(1));
    place?.scrollIntoView({ block: "center" });
    place?.setAttribute("tabindex", "-1");
    place?.focus();
  }
});
