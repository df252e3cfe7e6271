/**
 * Writes this page's own address into the examples. The server does not know the address that
 * people use when a TLS proxy stands between; the browser does.
 */

const { server } = document.documentElement.dataset;

if (server && server !== location.origin) {
  for (const code of document.querySelectorAll('code')) {
    code.textContent = code.textContent.replaceAll(server, location.origin);
  }
}
