"use strict";
// State is in the address: each change is an entry of the browser's history, so that undo is a step back.
const studio = {
  step: 0,

  // The page is there: say what it shows; an entry that was made before a reload keeps its place.
  begin(state) {
    studio.step = history.state?.step ?? 0;
    studio.top = history.state ? Math.max(studio.step, Number(sessionStorage.getItem("studio-top"))) : 0;
    history.replaceState({ step: studio.step }, "", state.address);
    studio.fill(state, true);
  },

  // A change was made here.
  go(state) {
    const here = new URL(state.address, location.href).search;
    if (here !== location.search) {
      studio.step += 1;
      studio.top = studio.step;
      history.pushState({ step: studio.step }, "", state.address);
    }
    studio.fill(state, false);
  },

  // A change that is no step of its own.
  replace(state) {
    history.replaceState({ step: studio.step }, "", state.address);
    studio.fill(state, false);
  },

  // A slider on its way: where it is let go of is the step.
  drag(state) {
    studio.fill(state, false);
  },

  // The browser moved to an entry, which is shown now.
  stay(state) {
    studio.fill(state, true);
  },

  // Controls say what is open; what somebody is typing is left alone.
  fill(state, everything) {
    sessionStorage.setItem("studio-top", studio.top);
    for (const [name, text] of Object.entries(state.values)) {
      const control = document.getElementById(name === "model" ? "choose-model" : `knob-${name}`);
      if (!control) continue;
      const typing = control === document.activeElement && control.matches("textarea, input:not([type=checkbox])");
      if (control.type === "checkbox") control.checked = text === "yes";
      else if (everything || !typing) control.value = text;
      control.closest("[data-knob]")?.classList.toggle("changed", state.changed.includes(name));
    }
    // The page of fields opens what the designer shows.
    if (location.pathname === "/") document.querySelector(".bar a[href^='/field']").href = `/field${state.address}`;
    document.title = `${state.title} · convwright studio`;
    document.getElementById("undo").disabled = studio.step === 0;
    document.getElementById("redo").disabled = studio.step >= studio.top;
  },

  control(control) {
    return [control.name, control.type === "checkbox" ? (control.checked ? "yes" : "no") : control.value];
  },

  // Of a button that was clicked, what it is for.
  chosen(event, name, emit) {
    const button = event.target.closest(`[data-${name}]`);
    if (button) emit(button.dataset[name]);
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
