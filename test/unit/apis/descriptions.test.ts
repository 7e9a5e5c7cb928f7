/** Every published type and field has a description for `kubectl explain`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { findTables } from '../../../infra/build/find-tables.ts';
import { readImportedDescriptions } from '../../../infra/build/openapi-descriptions.ts';
import { packageDescriptions } from '../../../infra/build/package-descriptions.ts';
import type { TypeTable } from '../../../infra/import/types.ts';

/** Fields without a comment in upstream's types. */
const UNDESCRIBED =
  /\.(?:JSONSchemaProps\w*|ExternalDocumentation|GroupResource|pkg\.version\.Info) |\.WatchEvent type$|\.CertificateSigningRequest(?:List)? metadata$/;

test('every published type and each of its fields has a description', () => {
  const tables = findTables(join(root, 'shared'));
  const imported = readImportedDescriptions();
  const { definitions } = packageDescriptions(tables);
  const missing = tables.flatMap((file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')) as TypeTable)
      .filter(([, { published }]) => published)
      .flatMap(([name, { fields = {} }]) => {
        const description = imported[name]?.description ?? definitions[name]?.description;
        const described = { ...definitions[name]?.fields, ...imported[name]?.fields };
        return [
          ...(description ? [] : [name]),
          ...Object.keys(fields)
            .filter((field) => !described[field])
            .map((field) => `${name} ${field}`),
        ];
      }),
  );
  expect(missing.filter((name) => !UNDESCRIBED.test(name))).toEqual([]);
});
