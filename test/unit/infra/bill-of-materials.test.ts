import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BILL, LICENCE_TEXTS, writeBillOfMaterials } from '../../../infra/build/bill-of-materials.ts';
import { root } from '../../../infra/build/bundle-options.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const readJSON = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

test('a bill lists each package of a bundle once, with its digest and licence', () => {
  const inputs = ['yaml/dist/index.js', 'yaml/dist/parse.js', '@noble/ciphers/aes.js'];
  writeBillOfMaterials(folder, ['shared/util/json.ts', ...inputs.map((path) => `node_modules/${path}`)]);
  const lock = readJSON(root, 'package-lock.json').packages;
  const own = readJSON(root, 'package.json');
  const component = (name: string, id: string, purl: string) => {
    const { version, integrity } = lock[`node_modules/${name}`];
    const content = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
    return {
      type: 'library',
      'bom-ref': `${purl}@${version}`,
      name,
      version,
      hashes: [{ alg: 'SHA-512', content }],
      licenses: [{ license: { id } }],
      purl: `${purl}@${version}`,
    };
  };
  expect(readJSON(folder, BILL)).toEqual({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: 'zeroplane',
        version: own.version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: [
      component('@noble/ciphers', 'MIT', 'pkg:npm/%40noble/ciphers'),
      component('yaml', 'ISC', 'pkg:npm/yaml'),
    ],
  });
  const texts = readFileSync(join(folder, LICENCE_TEXTS), 'utf8');
  expect(texts.match(/^\S+@\S+ \(.*\)$/gm)).toEqual([
    `@noble/ciphers@${lock['node_modules/@noble/ciphers'].version} (MIT)`,
    `yaml@${lock['node_modules/yaml'].version} (ISC)`,
  ]);
  expect(texts).toContain('Copyright Eemeli Aro');
});

test('an unreviewed licence is rejected', () => {
  const emulator = `node_modules/@dynoxide/${process.platform}-${process.arch}`;
  expect(() => writeBillOfMaterials(folder, [`${emulator}/dynoxide`])).toThrow(
    `${emulator}: licence (MIT OR Apache-2.0)`,
  );
});
