/**
 * Puts the address that this page was opened by into the examples. The server does not know it when
 * a proxy stands in front; the browser does.
 */

const told = document.documentElement.dataset.server;

for (const code of told === location.origin ? [] : document.querySelectorAll('code')) {
  code.textContent = code.textContent.replaceAll(told, location.origin);
}
