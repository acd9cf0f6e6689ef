// Says that scripts run, before anything is painted.
document.documentElement.classList.add("lk-scripted");
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("nhsuk-frontend-supported");
