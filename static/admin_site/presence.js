// Tells the server once a minute that a form is open; shows who else has it open or saved it meanwhile.
"use strict";
window.addEventListener("load", () => {
  const SECONDS = 60;
  const form = document.querySelector("form[data-pk]");
  if (!form || !window.editingSession) return;
  const { url } = document.getElementById("session").dataset;
  const note = document.createElement("p");
  note.className = "presence";
  form.querySelector(".form-notes").prepend(note);

  function body(more) {
    const data = new FormData();
    data.set("model", form.dataset.model);
    data.set("pk", form.dataset.pk);
    data.set("version", form.elements.version_seen.value);
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    Object.entries(more).forEach(([name, value]) => data.set(name, value));
    return data;
  }

  async function say() {
    try {
      const answer = await window.editingSession.ask({ method: "POST", body: body({}) });
      if (note.textContent !== (answer.note ?? "")) note.textContent = answer.note ?? "";
    } catch {
      window.editingSession.ask().catch(() => {}); // perhaps the token is old: the next time has a new one
    }
  }

  say();
  setInterval(say, SECONDS * 1000);
  window.addEventListener("pagehide", () => navigator.sendBeacon(url, body({ closed: "1" })));
});
