// What a page does beyond showing itself. Every page works without this file, but for trying calls out.
"use strict";

// A reason under the pointer, or in focus, lights its line in the policy's text.
function lightLines() {
  for (const link of document.querySelectorAll("a.to-line")) {
    const line = document.getElementById(link.hash.slice(1));
    if (!line) continue;
    const row = link.closest("tr") || link;
    const light = (on) => () => line.classList.toggle("lit", on);
    row.addEventListener("mouseenter", light(true));
    row.addEventListener("mouseleave", light(false));
    link.addEventListener("focus", light(true));
    link.addEventListener("blur", light(false));
  }
}

// A lead to a field goes into the field.
function leadIntoFields() {
  for (const link of document.querySelectorAll('a[href^="#f-"]')) {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      field.scrollIntoView({ block: "center" });
      field.focus({ preventScroll: true });
    });
  }
}

// A form that is under way looks so.
function showUnderWay() {
  for (const form of document.querySelectorAll("form.facts")) {
    form.addEventListener("submit", () => form.classList.add("busy"));
    window.addEventListener("pageshow", () => form.classList.remove("busy"));
  }
}

async function tryCall(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  for (const input of form.querySelectorAll("input[data-in]")) {
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value && input.dataset.in === "query") query.append(input.name, input.value);
    else if (input.value) headers[input.name] = input.value;
  }
  const request = { method: form.dataset.method, headers };
  const kind = form.querySelector('input[name="kind"]:checked, input[name="kind"][type="hidden"]');
  if (kind) {
    headers["Content-Type"] = kind.value;
    request.body = form.querySelector(`textarea[data-kind="${kind.value}"]`).value;
  }
  headers.Accept = headers.Accept || "application/json";
  const place = form.querySelector(".reply");
  const shown = place.querySelector("pre");
  const status = place.querySelector(".status");
  place.hidden = false;
  try {
    const reply = await fetch(path + (query.size ? `?${query}` : ""), request);
    status.textContent = `${reply.status} ${reply.headers.get("Content-Type") || ""}`;
    shown.textContent = laidOut(await reply.text());
  } catch (error) {
    status.textContent = "–";
    shown.textContent = String(error);
  }
}

// JSON with a line for each value, without reading its numbers: they have more digits than a script keeps.
function laidOut(text) {
  if (!/^[[{]/.test(text) || /\}\s*\n\s*\{/.test(text)) return text;
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  return text.replace(/"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[[\]{},:]|\s+/g, (part) => {
    if (/^\s/.test(part)) return "";
    if (part === "{" || part === "[") return depth++, part + line();
    if (part === "}" || part === "]") return depth--, line() + part;
    if (part === ":") return ": ";
    return part === "," ? part + line() : part;
  });
}

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryCall(form);
  });
}
lightLines();
leadIntoFields();
showUnderWay();
