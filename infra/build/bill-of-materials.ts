/** Packages in a bundle: a CycloneDX document (https://cyclonedx.org, 1.6), and their licences. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle-options.ts';

/** The fields read from package.json. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** The fields read from package-lock.json. */
interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** Licences of packages that may be redistributed in a bundle under Apache-2.0. */
const LICENCES: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

export const BILL = 'sbom.cdx.json';
export const LICENCE_TEXTS = 'LICENSES.txt';

/**
 * Writes both into `folder`, for a bundle of `inputs`, in esbuild's form. The same inputs give the same bytes. Throws
 * for a licence that does not allow redistribution, and for a package without a digest in the lockfile.
 */
export function writeBillOfMaterials(folder: string, inputs: readonly string[]): void {
  const { packages } = readJSON<Lockfile>('package-lock.json');
  const own = readJSON<Manifest>('package.json');
  const folders = packageFolders(inputs);
  const components = folders.map((path) => {
    const manifest = readJSON<Manifest>(join(path, 'package.json'));
    if (!LICENCES.has(manifest.license)) throw new Error(`${path}: licence ${manifest.license}`);
    return component(manifest, packages[path]?.integrity);
  });
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: own.name,
        version: own.version,
        licenses: licences(own.license),
      },
    },
    components,
  };
  writeFileSync(join(folder, BILL), `${JSON.stringify(bill, null, 2)}\n`);
  writeFileSync(join(folder, LICENCE_TEXTS), folders.map(licenceText).join('\n'));
}

/** The folders of the packages that contain `inputs`, sorted. */
function packageFolders(inputs: readonly string[]): string[] {
  const folders = inputs.flatMap(
    (path) => /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)].sort();
}

function component({ name, version, license }: Manifest, integrity = ''): object {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  if (digest === undefined) throw new Error(`package-lock.json: no sha512 of ${name}@${version}`);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    licenses: licences(license),
    purl,
  };
}

function licences(id: string): object[] {
  return [{ license: { id } }];
}

function licenceText(folder: string): string {
  const { name, version, license } = readJSON<Manifest>(join(folder, 'package.json'));
  const path = join(root, folder);
  const files = readdirSync(path).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  const texts = files.sort().map((file) => join(path, file));
  const text = texts.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  return `${name}@${version} (${license})\n\n${text.join('\n')}\n`;
}

function readJSON<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}
