// Documents inside a form: their order by buttons or by dragging, and the fields of an address only
// where there is one. Without this script the order is typed, and all fields are in sight.
"use strict";

(() => {
  const ADDRESS = [".field-url", ".field-leads_to_file", ".field-url_checked"];

  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);

  const rowsOf = (group) => [...group.querySelectorAll(".closed-row:not(.empty-form)")];

  const make = (tag, options, ...children) => {
    const element = Object.assign(document.createElement(tag), options);
    element.append(...children);
    return element;
  };

  // --- file or address ---------------------------------------------------------------------------

  const hasFile = (row) =>
    Boolean(row.querySelector(".file-now")) ||
    [...row.querySelectorAll("[name$='_taken'], [name$='_held']")].some((input) => input.value);

  const show = (row) => {
    const isAddress = row.dataset.source === "address";
    const faulty = (part) => Boolean(part.querySelector(".errorlist") || part.matches(".errors"));
    const filled = Boolean(field(row, "url")?.value);
    ADDRESS.forEach((name) => {
      const part = row.querySelector(`.form-row${name}`);
      // What is filled in can be seen, and so emptied, whatever was chosen.
      if (part) part.hidden = !isAddress && !filled && !faulty(part);
    });
    const part = row.querySelector(".form-row.field-file");
    if (part) part.hidden = isAddress && !hasFile(row) && !faulty(part);
    row.querySelectorAll(".source-choice button").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.value === row.dataset.source));
    });
  };

  const offerSources = (row) => {
    const place = row.querySelector(".form-row.field-file");
    if (!place || !field(row, "url")) return;
    const choice = make("div", { className: "form-row source-choice", role: "group" });
    choice.setAttribute("aria-label", "Where the document is");
    [
      ["file", "A file, kept here"],
      ["address", "An address elsewhere"],
    ].forEach(([value, text]) => {
      const button = make("button", { type: "button", value, className: "button" }, text);
      button.addEventListener("click", () => {
        row.dataset.source = value;
        show(row);
      });
      choice.append(button);
    });
    place.before(choice);
    row.dataset.source = field(row, "url").value && !hasFile(row) ? "address" : "file";
    field(row, "url").addEventListener("change", () => show(row));
    show(row);
  };

  // --- the closed row says what is typed in it -----------------------------------------------------

  const follow = (row) => {
    const name = row.querySelector(".row-name");
    const kind = row.querySelector(".row-kind");
    field(row, "title")?.addEventListener("input", (event) => {
      name.textContent = event.target.value;
    });
    field(row, "kind")?.addEventListener("change", (event) => {
      kind.textContent = event.target.selectedOptions[0].textContent;
    });
  };

  // --- order ---------------------------------------------------------------------------------------

  const number = (group) => {
    rowsOf(group).forEach((row, index) => {
      const position = field(row, "position");
      if (position) position.value = index + 1;
    });
  };

  const say = (group, row) => {
    const rows = rowsOf(group);
    const name = row.querySelector(".row-name").textContent.trim() || "The document";
    group.querySelector(".order-status").textContent =
      `${name} is now number ${rows.indexOf(row) + 1} of ${rows.length}.`;
  };

  const move = (group, row, step) => {
    const rows = rowsOf(group);
    const other = rows[rows.indexOf(row) + step];
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    number(group);
    say(group, row);
  };

  let dragged = null;

  const offerOrder = (group, row) => {
    if (!field(row, "position")) return;
    const tools = make("div", { className: "document-order" });
    [
      ["Move up", "↑", -1],
      ["Move down", "↓", 1],
    ].forEach(([text, arrow, step]) => {
      const sign = make("span", {}, arrow);
      sign.setAttribute("aria-hidden", "true");
      const words = make("span", { className: "visually-hidden" }, text);
      const button = make("button", { type: "button", title: text }, sign, words);
      button.addEventListener("click", () => {
        move(group, row, step);
        // Taken out of the page and put back, it has lost the focus.
        button.focus();
      });
      tools.append(button);
    });
    const handle = make("span", { className: "drag-handle", draggable: true, title: "Drag to order" }, "⠿");
    handle.setAttribute("aria-hidden", "true");
    handle.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(row, 0, 0);
    });
    handle.addEventListener("dragend", () => {
      dragged = null;
      number(group);
      say(group, row);
    });
    tools.append(handle);
    row.addEventListener("dragover", (event) => {
      if (!dragged || dragged === row || dragged.parentElement !== row.parentElement) return;
      event.preventDefault();
      const { top, height } = row.getBoundingClientRect();
      if (event.clientY < top + height / 2) row.before(dragged);
      else row.after(dragged);
    });
    row.addEventListener("drop", (event) => event.preventDefault());
    row.append(tools);
  };

  const indexOf = (row) => Number(row.id.split("-").pop());

  // Django's script numbers the forms anew, in the order of the page, when a new one is removed; the
  // saved ones must come first, whatever their order.
  const orderAsNumbered = (event) => {
    const link = event.target.closest && event.target.closest(".document-rows .inline-deletelink");
    if (!link) return;
    const group = link.closest(".document-rows");
    const rows = rowsOf(group);
    const asShown = [...rows];
    const template = group.querySelector(".closed-row.empty-form");
    rows.sort((one, other) => indexOf(one) - indexOf(other)).forEach((row) => template.before(row));
    setTimeout(() => {
      asShown.filter((row) => row.isConnected).forEach((row) => template.before(row));
    });
  };

  const begin = (group, row) => {
    offerSources(row);
    follow(row);
    offerOrder(group, row);
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".document-rows").forEach((group) => {
      group.append(make("p", { className: "order-status visually-hidden", role: "status" }));
      rowsOf(group).forEach((row) => begin(group, row));
    });
  });

  document.addEventListener("formset:added", (event) => {
    const row = event.target;
    const group = row.closest && row.closest(".document-rows");
    if (!group) return;
    begin(group, row);
    const position = field(row, "position");
    const others = rowsOf(group).filter((one) => one !== row);
    const last = Math.max(0, ...others.map((one) => Number(field(one, "position")?.value) || 0));
    if (position && last) position.value = last + 1;
    row.querySelector("details").open = true;
  });

  document.addEventListener("click", orderAsNumbered, true);

  // What the script of the files puts in the form counts too.
  new MutationObserver((changes) => {
    changes.forEach(({ target }) => {
      const row = target.matches?.(".document-file-now") && target.closest(".closed-row");
      if (row && row.dataset.source) show(row);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
