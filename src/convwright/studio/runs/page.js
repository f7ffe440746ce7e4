const runs = {
  // Parts of the page, by name: where only what lives has changed, the rest stays as it is, focus included.
  put(parts) {
    for (const [name, html] of Object.entries(parts)) {
      const part = document.getElementById(name.startsWith("command-") ? name : `part-${name}`);
      if (!part) continue;
      const fresh = document.createElement("div");
      fresh.innerHTML = html;
      if (runs.bare(part) === runs.bare(fresh)) {
        const now = fresh.querySelectorAll("[data-live]");
        part.querySelectorAll("[data-live]").forEach((each, i) => {
          if (each.innerHTML !== now[i].innerHTML) each.innerHTML = now[i].innerHTML;
        });
      } else {
        const opened = [...part.querySelectorAll("details")].map((each) => each.open);
        part.innerHTML = html;
        part.querySelectorAll("details").forEach((each, i) => { each.open = opened[i] ?? false; });
      }
    }
  },

  busy(is) {
    document.getElementById("part-looking")?.toggleAttribute("aria-busy", is);
  },

  bare(part) {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("[data-live]").forEach((each) => each.replaceChildren());
    copy.querySelectorAll("details").forEach((each) => { each.open = false; });
    return copy.innerHTML;
  },
};
