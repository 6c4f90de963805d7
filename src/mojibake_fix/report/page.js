"use strict";

(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";

  // A page opened from a file may not be allowed to remember anything.
  const memory = {
    get: () => { try { return localStorage.getItem("fixmoji-theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("fixmoji-theme", theme); } catch { /* so be it */ } },
  };
  const remembered = memory.get();
  if (remembered === "dark" || remembered === "light") root.dataset.theme = remembered;

  document.addEventListener("DOMContentLoaded", () => {
    const all = (selector, within = document) => [...within.querySelectorAll(selector)];
    const one = (selector) => document.querySelector(selector);

    // Light and dark

    const theme = one("#theme");
    const showTheme = () => { theme.textContent = isDark() ? "Light mode" : "Dark mode"; };
    theme.hidden = false;
    theme.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      memory.set(root.dataset.theme);
      showTheme();
    });
    dark.addEventListener("change", showTheme);
    showTheme();

    // Filters

    const form = one(".filters");
    const query = one("#query");
    const channel = one("#channel");
    const boxes = all(".levels input");
    const links = all(".files a");
    const files = all("section[data-path]").map((section, index) => ({
      section,
      path: section.dataset.path.toLowerCase(),
      item: links[index].parentElement,
      rows: all(".row", section).map((row) => ({
        row,
        level: row.dataset.level,
        channel: row.dataset.channel,
      })),
    }));
    const total = files.reduce((sum, file) => sum + file.rows.length, 0);
    const number = (count) => count.toLocaleString("en");

    const filter = () => {
      const wanted = query.value.trim().toLowerCase();
      const levels = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let shown = 0;
      for (const file of files) {
        const fits = file.path.includes(wanted);
        let visible = 0;
        for (const { row, level, channel: its } of file.rows) {
          const show = fits && levels.has(level) && (!channel.value || its === channel.value);
          row.hidden = !show;
          visible += show;
        }
        const isAll = levels.size === boxes.length && !channel.value;
        file.section.hidden = file.item.hidden = !(visible || (fits && isAll));
        shown += visible;
      }
      for (const folder of all(".folder")) {
        folder.hidden = !folder.querySelector("li:not([hidden])");
      }
      one("#shown").textContent = shown === total
        ? `${number(total)} findings`
        : `${number(shown)} of ${number(total)} findings`;
      one(".empty").hidden = files.length === 0 || files.some((file) => !file.section.hidden);
      hideTip();
    };

    form.hidden = total === 0;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    one("#reset").addEventListener("click", () => {
      form.reset();
      filter();
      query.focus();
    });

    // Files: the list is folded where it stands above the findings, and tells where we are

    const list = one(".files");
    if (matchMedia("(max-width: 60rem)").matches) one(".files details").open = false;
    const bringIntoView = (link) => {
      const [outer, inner] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
      if (inner.top < outer.top || inner.bottom > outer.bottom) {
        list.scrollTop += inner.top - outer.top - outer.height / 3;
      }
    };
    const near = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) near[entry.isIntersecting ? "add" : "delete"](entry.target);
      const current = files.findIndex((file) => near.has(file.section));
      links.forEach((link, index) => {
        if (index !== current) link.removeAttribute("aria-current");
        else if (!link.hasAttribute("aria-current")) {
          link.setAttribute("aria-current", "true");
          bringIntoView(link);
        }
      });
    }, { rootMargin: "-25% 0px -70% 0px" });
    for (const file of files) observer.observe(file.section);

    // Arrow keys

    const isShown = (element) => !element.closest("[hidden]");
    const move = (event, elements) => {
      const steps = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
      if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in steps)) return;
      const shown = elements.filter(isShown);
      const index = shown.findIndex((element) => element.contains(document.activeElement));
      const next = shown[index + steps[event.key]];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    };
    const rows = all(".row");
    if (rows.length) rows[0].tabIndex = 0;
    document.addEventListener("focusin", (event) => {
      const row = event.target.closest(".row");
      if (!row) return;
      for (const other of all('.row[tabindex="0"]')) other.tabIndex = -1;
      row.tabIndex = 0;
    });
    one("#findings").addEventListener("keydown", (event) => {
      if (event.target.closest(".row")) move(event, rows);
    });
    list.addEventListener("keydown", (event) => move(event, links));

    // What else a restored character may be

    const tip = one("#tip");
    let owner = null;

    const hideTip = () => {
      tip.hidden = true;
      owner?.removeAttribute("aria-describedby");
      owner = null;
    };

    const bar = (text, share) => {
      const item = document.createElement("li");
      const character = document.createElement("bdi");
      const width = document.createElement("span");
      const percent = document.createElement("small");
      character.textContent = text;
      width.style.width = `${Math.max(2, share * 100)}%`;
      percent.textContent = `${Math.round(share * 100)} %`;
      item.append(character, width, percent);
      return item;
    };

    const showTip = (guess) => {
      if (guess === owner) return;
      hideTip();
      owner = guess;
      const label = document.createElement("p");
      label.textContent = "restored; may be";
      const choices = document.createElement("ol");
      for (const pair of guess.dataset.may.split("\t")) {
        const at = pair.lastIndexOf(" ");
        choices.append(bar(pair.slice(0, at), Number(pair.slice(at + 1))));
      }
      tip.replaceChildren(label, choices);
      tip.hidden = false;
      guess.setAttribute("aria-describedby", "tip");
      placeTip();
    };

    const placeTip = () => {
      const around = owner.getBoundingClientRect();
      const size = tip.getBoundingClientRect();
      const within = (at, most) => `${Math.max(8, Math.min(at, most - 8))}px`;
      const below = around.bottom + 6;
      const fits = below + size.height < innerHeight;
      tip.style.left = within(around.left + (around.width - size.width) / 2, innerWidth - size.width);
      tip.style.top = within(fits ? below : around.top - size.height - 6, innerHeight - size.height);
    };

    const guessOf = (event) => event.target.closest?.(".guess");
    for (const guess of all(".guess")) guess.removeAttribute("title");
    document.addEventListener("pointerover", (event) => {
      const guess = guessOf(event);
      if (guess) showTip(guess);
      else if (!event.target.closest?.("#tip") && owner !== document.activeElement) hideTip();
    });
    document.addEventListener("focusin", (event) => {
      const guess = guessOf(event);
      if (guess) showTip(guess);
      else hideTip();
    });
    document.addEventListener("click", (event) => {
      const guess = guessOf(event);
      if (guess) showTip(guess);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hideTip();
    });
    // Focus may scroll to what it goes to.
    addEventListener("scroll", () => {
      if (owner && owner === document.activeElement) placeTip();
      else hideTip();
    }, { passive: true });

    filter();
  });
})();
