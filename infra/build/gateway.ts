/** `npm run gateway`: builds the functions and runs them on this machine, behind the template's routes. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { errorText } from '../cli/error-text.ts';
import type { GatewayCommand } from '../emulator/main.ts';
import { buildFunctions } from './build-functions.ts';
import { common, root } from './bundle-options.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const bundles = join(root, 'dist/functions');
await buildFunctions(bundles);
const outdir = join(root, 'dist/gateway');
rmSync(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { main: join(root, 'infra/emulator/main.ts') },
  outdir,
  packages: 'external',
});
const { main } = (await import(pathToFileURL(join(outdir, 'main.mjs')).href)) as {
  main(command: GatewayCommand): Promise<void>;
};
try {
  await main({ root, bundles, argv: process.argv.slice(2) });
} catch (error) {
  console.error(errorText(error));
  // Processes started so far would keep running.
  process.exit(1);
}
