/** In the desktop window: what its menu, its arguments and its dialogs have for the page. */

const SHORTEST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * Asks for as long as the page lives; a server that is gone is asked ever more seldom.
 * @param {import('./api.js').Api} api
 * @param {{take: (files: File[]) => void, refuse: (name: string, error: Error) => void,
 *          command: (name: string) => void}} doors
 */
export async function followDesktop(api, doors) {
  let wait = SHORTEST_MS;
  for (;;) {
    try {
      const event = await api.desktopNext();
      if (event?.kind === 'file') await fetchFile(api, event, doors);
      if (event?.kind === 'command') doors.command(event.name);
      wait = SHORTEST_MS;
    } catch {
      // The page itself tells of a lost server as soon as there is something to read.
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(2 * wait, LONGEST_MS);
    }
  }
}

/** A file that is gone or too large is listed all the same, with the reason. */
async function fetchFile(api, { id, name }, { take, refuse }) {
  try {
    take([new File([await api.desktopFile(id)], name)]);
  } catch (error) {
    refuse(name, error);
  }
}
