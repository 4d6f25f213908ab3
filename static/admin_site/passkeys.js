// A passkey that was added is shown among the second factors.
"use strict";
document.addEventListener("otp_webauthn.register_complete", () => location.reload());
