// Shows the OpenAPI document, with a form for every call.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("calls");
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
