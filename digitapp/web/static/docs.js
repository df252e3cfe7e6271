/** The examples' address, as this page was opened: only the browser knows of a TLS proxy between. */

const told = document.documentElement.dataset.server;

for (const code of told === location.origin ? [] : document.querySelectorAll('code')) {
  code.textContent = code.textContent.replaceAll(told, location.origin);
}
