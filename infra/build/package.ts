/** Run by `npm pack` (prepack): builds the content of the npm package into dist/package and dist/deploy. */

import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };
import { writeBillOfMaterials } from './bill-of-materials.ts';
import { buildDeployment } from './build-deployment.ts';
import { LOCAL_PROGRAMS } from './build-local.ts';
import { common, root } from './bundle-options.ts';
import { writeOpenAPIDescriptions } from './openapi-descriptions.ts';
import { writePackageTypes } from './package-types.ts';

/** Modules that programs import: `zeroplane`, `zeroplane/admission`, ... */
const MODULES = Object.values(packageJson.exports).flatMap((target) =>
  typeof target === 'string' ? [] : [basename(target.default, '.mjs')],
);

const outdir = join(root, 'dist/package');
rmSync(outdir, { recursive: true, force: true });
rmSync(join(root, 'dist/deploy'), { recursive: true, force: true });
await buildDeployment(join(root, 'dist/deploy'));

/** The command line and the modules are one program with several entries. */
const { metafile } = await build({
  ...common,
  entryPoints: {
    ...LOCAL_PROGRAMS,
    ...Object.fromEntries(MODULES.map((name) => [name, join(root, `infra/package/${name}.ts`)])),
  },
  outdir,
  splitting: true,
  minify: true,
  keepNames: true,
  external: ['esbuild', '@dynoxide/*'],
  metafile: true,
});
writeOpenAPIDescriptions(outdir);
writePackageTypes(
  join(outdir, 'types'),
  MODULES.map((name) => `infra/package/${name}`),
);
writeBillOfMaterials(outdir, Object.keys(metafile.inputs));
