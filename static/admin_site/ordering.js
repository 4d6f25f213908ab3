// Buttons and a handle that move ordered rows and write their places. Without this script editors type
// the numbers.
"use strict";
{
  const ROW = ".inline-related:not(.tabular), .tabular tr.form-row";
  const place = (row) => row.querySelector("input.place");
  const isRow = (row) => !row.classList.contains("empty-form") && place(row) !== null;
  const rowsOf = (group) => [...group.querySelectorAll(ROW)].filter(isRow);

  function number(group) {
    rowsOf(group).forEach((row, index) => {
      const input = place(row);
      if (input.value !== String(index + 1)) {
        input.value = index + 1;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  // The errors of a row are in the table row before it, which has to be moved with it.
  function put(row, target, after) {
    const before = row.previousElementSibling;
    const errors = before && before.classList.contains("row-form-errors") ? before : null;
    if (after) {
      target.after(row);
    } else {
      const head = target.previousElementSibling;
      (head && head.classList.contains("row-form-errors") ? head : target).before(row);
    }
    if (errors) row.before(errors);
    number(row.closest(".inline-group"));
  }

  function step(row, by) {
    const rows = rowsOf(row.closest(".inline-group"));
    const target = rows[rows.indexOf(row) + by];
    if (!target) return;
    put(row, target, by > 0);
    announce(row, rows.indexOf(target) + 1, rows.length);
  }

  // The name of a row: the label of a saved one, the value of the first field of a new one.
  function nameOf(row) {
    const chosen = row.querySelector(".select2-selection__rendered, select option:checked")?.textContent;
    const typed = [...row.querySelectorAll("input[type=text]")].find(({ value }) => value)?.value;
    const label = row.querySelector(".inline_label")?.textContent;
    const names = row.matches(".has_original") ? [label, chosen] : [typed, chosen, label];
    return (names.find((name) => name?.trim()) ?? "").replace(/^×/, "").trim().slice(0, 80);
  }

  // Announces the new place of a row to screen readers.
  function announce(row, place, count) {
    let status = document.getElementById("moved-status");
    if (!status) {
      status = document.createElement("p");
      status.id = "moved-status";
      status.className = "visually-hidden";
      status.setAttribute("role", "status");
      document.body.append(status);
    }
    const words = row.closest("form").dataset.moved ?? "";
    const values = { row: nameOf(row), place, count };
    status.textContent = words.replace(/\{(\w+)\}/g, (_match, name) => values[name]);
  }

  function control(text, label, act) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.title = label;
    element.setAttribute("aria-label", label);
    if (act) {
      element.addEventListener("click", () => {
        act();
        element.focus();
      });
      element.dataset.label = label;
    }
    return element;
  }

  let dragged = null;

  function equip(row) {
    const input = place(row);
    if (!isRow(row) || row.dataset.ordered) return;
    row.dataset.ordered = "yes";
    const handle = control("⠿", input.dataset.drag, null);
    handle.className = "drag-handle";
    handle.draggable = true;
    handle.tabIndex = -1; // the two buttons do the same for a keyboard
    handle.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(row, 0, 0);
      row.classList.add("is-dragged");
    });
    handle.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      dragged = null;
    });
    row.addEventListener("dragover", (event) => {
      if (dragged && dragged !== row && dragged.closest(".inline-group") === row.closest(".inline-group")) {
        event.preventDefault();
        const middle = row.getBoundingClientRect();
        put(dragged, row, event.clientY > middle.top + middle.height / 2);
      }
    });
    row.addEventListener("drop", (event) => event.preventDefault());
    const controls = document.createElement("span");
    controls.className = "place-controls";
    controls.append(
      handle,
      control("↑", input.dataset.up, () => step(row, -1)),
      control("↓", input.dataset.down, () => step(row, 1)),
    );
    const name = () => {
      controls.querySelectorAll("[data-label]").forEach((button) => {
        button.setAttribute("aria-label", [button.dataset.label, nameOf(row)].filter(Boolean).join(": "));
      });
    };
    name();
    controls.addEventListener("focusin", name);
    const tools = row.querySelector(":scope > .row-tools");
    if (tools) {
      tools.prepend(controls);
    } else {
      input.after(controls);
    }
  }

  // When an unsaved row is removed, Django numbers the names of the rows anew in the order of the page,
  // and expects saved rows before new ones.
  const index = (row) => Number(row.id.split("-").pop());
  const value = (row) => Number(place(row).value) || Infinity;

  function sort(group, key) {
    const rows = rowsOf(group);
    const sorted = [...rows].sort((a, b) => key(a) - key(b) || index(a) - index(b));
    for (let i = sorted.length - 1; i > 0; i -= 1) {
      if (sorted[i - 1].nextElementSibling !== sorted[i]) sorted[i].before(sorted[i - 1]);
    }
  }

  document.addEventListener(
    "click",
    (event) => {
      const group = event.target.closest(".inline-deletelink")?.closest(".inline-group");
      if (group?.querySelector("input.place")) {
        sort(group, index);
        setTimeout(() => sort(group, value));
      }
    },
    true,
  );

  function equipGroup(group) {
    if (!group.querySelector("input.place")) return;
    group.querySelectorAll(ROW).forEach(equip);
    sort(group, value); // a form that was refused has the rows as they stood before they were moved
  }

  document.addEventListener("places:set", (event) => sort(event.target, value));
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".inline-group").forEach(equipGroup);
  });
  document.addEventListener("rows:fetched", (event) => equipGroup(event.target));
  document.addEventListener("formset:added", (event) => {
    if (event.target.matches(ROW)) equip(event.target);
  });
}
