/**
 * Puts the address that this page was opened by into the examples. The server does not know it when
 * a proxy stands in front; the browser does.
 */

const { server } = document.documentElement.dataset;

if (server && server !== location.origin) {
  for (const code of document.querySelectorAll('code')) {
    code.textContent = code.textContent.replaceAll(server, location.origin);
  }
}
