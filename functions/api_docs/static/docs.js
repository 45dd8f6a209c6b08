// Shows /openapi.json, or the part of it that the page's own address asks for. Keys are kept by the page alone.
"use strict";

const dialect = new URLSearchParams(window.location.search).get("dialect") ?? "";
const address = dialect ? `/openapi.json?dialect=${encodeURIComponent(dialect)}` : "/openapi.json";

for (const link of document.querySelectorAll("nav [data-dialect]")) {
  if (link.dataset.dialect === dialect) link.setAttribute("aria-current", "page");
}
document.getElementById("document").href = address;

window.SwaggerUIBundle({
  url: address,
  dom_id: "#docs",
  validatorUrl: null, // the default asks another host
  deepLinking: true,
  docExpansion: dialect ? "list" : "none",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
});
