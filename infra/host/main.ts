/** The program of a multi-request host: `index.js` of a Web Function, `node index.js` in a container. */

import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { startWebHost } from './web-host.ts';

/** Milliseconds after SIGTERM: a Web Function is killed after a second. */
const GRACE_MS = 800;

showSourcePositions();
const host = await startWebHost(process.env);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void host.close(GRACE_MS).then(() => process.exit(0));
  });
}
