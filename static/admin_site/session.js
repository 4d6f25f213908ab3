// Asks before a form is sent whether the editor is still logged in. If not, opens the login above the
// form, and sends the form after the login. Renews the CSRF token.
"use strict";
{
  const session = document.getElementById("session");
  const { url, login, unreachable } = session.dataset;

  async function ask(options) {
    const response = await fetch(url, { cache: "no-store", ...options });
    if (!response.ok) throw new Error(response.status);
    const answer = await response.json();
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = answer.token));
    return answer;
  }

  // Shows all steps of the login; resolves to whether the editor has logged in.
  function logIn() {
    const dialog = session.content.cloneNode(true).querySelector("dialog");
    const box = dialog.querySelector(".session-login");
    document.body.append(dialog);
    dialog.showModal();

    return new Promise((resolve) => {
      const finish = (done) => {
        dialog.remove();
        resolve(done);
      };
      dialog.querySelector(".session-cancel").addEventListener("click", () => finish(false));
      dialog.addEventListener("cancel", () => finish(false));

      async function show(response) {
        if (new URL(response.url).pathname === url) {
          await ask();
          finish(true);
          return;
        }
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const form = page.querySelector("#content form");
        const notes = page.querySelectorAll("#content .errornote");
        box.replaceChildren(...notes, ...(form ? [form] : []));
        box.querySelector("input:not([type=hidden])")?.focus();
        form?.addEventListener("submit", async (event) => {
          event.preventDefault();
          const action = new URL(form.getAttribute("action") || response.url, response.url);
          await show(await fetch(action, { method: "POST", body: new FormData(form, event.submitter) }));
        });
      }

      fetch(`${login}?next=${encodeURIComponent(url)}`).then(show).catch(() => finish(false));
    });
  }

  function tell(form, text) {
    const note = form.querySelector(".form-notes") ?? form;
    let line = form.querySelector(".session-note");
    if (!line) {
      line = Object.assign(document.createElement("p"), { className: "session-note errornote" });
      line.setAttribute("role", "alert");
      note.prepend(line);
    }
    line.textContent = text;
  }

  // Whether the editor is still logged in, or logs in again.
  const isLive = async () => Boolean((await ask()).user) || logIn();

  let checked = null; // the form that may be sent now
  let isAsking = false;

  async function send(form, submitter) {
    try {
      if (!(await isLive())) return;
    } catch {
      tell(form, unreachable);
      return;
    } finally {
      isAsking = false;
    }
    checked = form;
    form.requestSubmit(submitter);
    checked = null;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isOwn = form.method === "post" && form.closest("#content") && !form.closest("dialog");
    if (!isOwn || form === checked || event.submitter?.formTarget === "_blank") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsking) return; // a second click
    isAsking = true;
    send(form, event.submitter);
  }, true);

  window.editingSession = { ask, isLive };
}
