// A button beside each Markdown text: it shows the text as readers will get it.
"use strict";
{
  const button = (label) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "markdown-toggle";
    element.textContent = label;
    element.setAttribute("aria-pressed", "false");
    return element;
  };

  async function render(textarea) {
    const form = new FormData();
    form.set("text", textarea.value);
    form.set("language", textarea.lang);
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    const response = await fetch(textarea.dataset.render, { method: "POST", body: form });
    if (!response.ok || response.redirected) throw new Error(response.status);
    return response.text();
  }

  function equip(textarea) {
    if (textarea.name.includes("__prefix__") || textarea.dataset.equipped) return;
    textarea.dataset.equipped = "yes";
    const toggle = button(textarea.dataset.show);
    const preview = document.createElement("div");
    preview.className = "markdown-preview";
    preview.lang = textarea.lang;
    preview.hidden = true;
    preview.setAttribute("aria-live", "polite");
    const box = document.createElement("div");
    box.className = "markdown-box";
    textarea.before(box);
    box.append(textarea, preview, toggle);

    toggle.addEventListener("click", async () => {
      if (!preview.hidden) {
        show(false);
        textarea.focus();
        return;
      }
      try {
        preview.innerHTML = await render(textarea);
        preview.classList.remove("is-failed");
      } catch {
        preview.textContent = textarea.dataset.failed;
        preview.classList.add("is-failed");
      }
      show(true);
    });

    function show(rendered) {
      preview.hidden = !rendered;
      textarea.hidden = rendered;
      toggle.textContent = rendered ? textarea.dataset.hide : textarea.dataset.show;
      toggle.setAttribute("aria-pressed", String(rendered));
    }
  }

  const equipAll = (root) => root.querySelectorAll("textarea.markdown").forEach(equip);
  document.addEventListener("DOMContentLoaded", () => equipAll(document));
  ["formset:added", "rows:fetched"].forEach((name) => {
    document.addEventListener(name, (event) => equipAll(event.target));
  });
}
