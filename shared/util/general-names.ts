/** The names of an X.509 subjectAltName extension (RFC 5280, 4.2.1.6). */

import { appendAll } from './append-all.ts';
import { DER_TAG, DERError, type DERValue, objectIdentifier, readDER, readDERSequence } from './der.ts';

export interface GeneralNames {
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly ipAddresses: readonly Uint8Array[];
}

const SUBJECT_ALT_NAME = '2.5.29.17';
export const GENERAL_NAME_TAG = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;

/** `value`: the contents of the extension. Names of other kinds are left out. Throws `DERError`. */
export function readGeneralNames(value: Uint8Array): GeneralNames {
  return generalNames(readDERSequence(readDER(value, DER_TAG.sequence).content));
}

/** `extensions`: the SEQUENCE of all extensions; undefined if the certificate has none. */
export function subjectAltNames(extensions: DERValue | undefined): GeneralNames {
  const names: DERValue[] = [];
  for (const extension of extensions ? readDERSequence(extensions.content) : []) {
    const fields = readDERSequence(extension.content);
    const [oid, value] = [fields[0], fields.at(-1)];
    if (oid === undefined || value?.tag !== DER_TAG.octetString) throw new DERError('bad extension');
    if (objectIdentifier(oid) !== SUBJECT_ALT_NAME) continue;
    appendAll(names, readDERSequence(readDER(value.content, DER_TAG.sequence).content));
  }
  return generalNames(names);
}

function generalNames(names: readonly DERValue[]): GeneralNames {
  const withTag = (tag: number): Uint8Array[] =>
    names.filter((name) => name.tag === tag).map(({ content }) => content);
  const texts = (tag: number): string[] =>
    withTag(tag).map((content) => Buffer.from(content).toString('latin1'));
  return {
    dnsNames: texts(GENERAL_NAME_TAG.dns),
    emailAddresses: texts(GENERAL_NAME_TAG.email),
    uris: texts(GENERAL_NAME_TAG.uri),
    ipAddresses: withTag(GENERAL_NAME_TAG.ip),
  };
}
