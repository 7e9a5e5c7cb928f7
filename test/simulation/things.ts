/** The objects of a run: small, with a distinct token for each write. */

import type { StorageConfig } from '../../shared/storage/storage.ts';

export interface Thing {
  metadata: { name: string; resourceVersion?: string };
  /** Unique to each write. */
  token: string;
}

export const CONFIG: StorageConfig<Thing> = {
  resourcePrefix: '/registry/things',
  codec: {
    encode,
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Thing,
    rewriteResourceVersion: (bytes, revision) =>
      encode(JSON.parse(Buffer.from(bytes).toString()) as Thing, revision),
  },
  attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  terms: ({ token }) => [termOf(token)],
  lead: ({ metadata, token }) => JSON.stringify([Number(metadata.resourceVersion), token]),
};

/** The revision and the token in an object's index data. */
export const readLead = (lead: string) => JSON.parse(lead) as [revision: number, token: string];

export const TERMS = ['0', '1', '2'];

/** The index term of a thing by its token; tokens end in a number. */
export function termOf(token: string): string {
  return TERMS[Number(/\d+$/.exec(token)![0]) % TERMS.length]!;
}

function encode({ metadata, token }: Thing, revision: number): Uint8Array {
  return Buffer.from(
    JSON.stringify({ metadata: { name: metadata.name, resourceVersion: String(revision) }, token }),
  );
}
