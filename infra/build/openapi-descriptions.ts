/**
 * Descriptions for `kubectl explain`, which builds put beside the bundles that serve OpenAPI: those of npm packages, and
 * over them those that `npm run import` found to be missing or outdated there.
 */

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OpenAPIDescriptions } from '../../shared/endpoints/openapi/openapi-descriptions.ts';
import { root } from './bundle-options.ts';
import { findTables } from './find-tables.ts';
import { descriptionManifests, packageDescriptions, type Texts } from './package-descriptions.ts';

const FILE = 'openapi-descriptions.json';
/** Written by `npm run import`, as `Descriptions`. */
export const IMPORTED_DESCRIPTIONS = join(root, 'shared/apis/descriptions.json');

/** By definition. */
export type Descriptions = Readonly<Record<string, Partial<Texts>>>;

export const readImportedDescriptions = (): Descriptions =>
  existsSync(IMPORTED_DESCRIPTIONS)
    ? (JSON.parse(readFileSync(IMPORTED_DESCRIPTIONS, 'utf8')) as Descriptions)
    : {};

function generate(tables: readonly string[]): OpenAPIDescriptions {
  const { definitions, parameters } = packageDescriptions(tables);
  const imported = Object.entries(readImportedDescriptions()).map(([definition, texts]) => {
    const known = definitions[definition];
    const description = texts.description ?? known?.description;
    return [definition, { description, fields: { ...known?.fields, ...texts.fields } }];
  });
  return { definitions: { ...definitions, ...Object.fromEntries(imported) }, parameters };
}

/** Generates the file if its sources have changed, and puts a copy into a folder. Does nothing without the packages. */
export function writeOpenAPIDescriptions(outdir: string): void {
  const manifests = descriptionManifests();
  if (manifests === undefined) return;
  const tables = findTables(join(root, 'shared'));
  const programs = ['openapi-descriptions', 'package-descriptions'].map((name) =>
    join(root, `infra/build/${name}.ts`),
  );
  const hash = createHash('sha256');
  for (const source of [...manifests, ...programs, IMPORTED_DESCRIPTIONS, ...tables]) {
    hash.update(readFileSync(source));
  }
  const made = join(root, 'dist', `openapi-descriptions-${hash.digest('hex').slice(0, 16)}.json`);
  if (!existsSync(made)) {
    mkdirSync(dirname(made), { recursive: true });
    const unfinished = `${made}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(generate(tables)));
    renameSync(unfinished, made);
  }
  mkdirSync(outdir, { recursive: true });
  copyFileSync(made, join(outdir, FILE));
}
