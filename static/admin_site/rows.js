// Mends what Django leaves behind in a row added to an inline.
"use strict";
document.addEventListener("formset:added", (event) => {
  const number = event.target.id.split("-").pop();
  event.target.querySelectorAll("[aria-describedby*=__prefix__]").forEach((input) => {
    const described = input.getAttribute("aria-describedby");
    input.setAttribute("aria-describedby", described.replace("__prefix__", number));
  });
});
