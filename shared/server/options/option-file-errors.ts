/** Validates files that the server reads only when a component needs them: reads and parses each in the same way. */

import { parsePublicKeys, parseSigningKey } from '../../authn/serviceaccount/keys.ts';
import { TokenFileAuthenticator } from '../../authn/token/token-file-authenticator.ts';
import { ClientCertificateVerifier } from '../../authn/x509/verifier.ts';
import { keyPairErrors } from '../../util/key-pair-errors.ts';
import type { ReadFile } from '../../util/read-file.ts';
import type { CompletedOptions } from './completed-options.ts';
import { readOptionFile } from './option-files.ts';
import { FLAGS } from './options.ts';

/** Throws Error if the content is invalid. */
type Check = (text: string, path: string) => unknown;

const certificates: Check = (text) => new ClientCertificateVerifier(text);

const OPTION_FILES = {
  clientCAFile: certificates,
  requestheaderClientCAFile: certificates,
  oidcCAFile: certificates,
  rootCAFile: certificates,
  tokenAuthFile: (text, path) => new TokenFileAuthenticator(text, path),
  serviceAccountKeyFile: parsePublicKeys,
  serviceAccountSigningKeyFile: parseSigningKey,
} as const satisfies { readonly [K in keyof CompletedOptions]?: Check };

/** Options that must be set together. */
const KEY_PAIRS = [
  ['proxyClientCertFile', 'proxyClientKeyFile'],
  ['clusterSigningCertFile', 'clusterSigningKeyFile'],
] as const satisfies readonly (readonly [keyof CompletedOptions, keyof CompletedOptions])[];

export interface OptionFile {
  readonly flag: string;
  /** '' if not set. */
  readonly path: string;
}

/** One line per error, which names the flag. */
export function optionFileErrors(options: CompletedOptions, readFile: ReadFile): string[] {
  const errors: string[] = [];
  const read = reader(readFile, errors);
  for (const [option, check] of Object.entries(OPTION_FILES)) {
    const { flag } = FLAGS[option as keyof typeof OPTION_FILES];
    for (const path of [options[option as keyof typeof OPTION_FILES]].flat()) {
      const text = read({ flag, path });
      try {
        if (text !== undefined) check(text, path);
      } catch (error) {
        errors.push(`--${flag}: ${(error as Error).message}`);
      }
    }
  }
  const file = (option: (typeof KEY_PAIRS)[number][number]): OptionFile => ({
    flag: FLAGS[option].flag,
    path: options[option],
  });
  return [
    ...errors,
    ...KEY_PAIRS.flatMap(([certificate, key]) => keyPairFileErrors(file(certificate), file(key), readFile)),
  ];
}

/** The errors in a certificate file and its key file. */
export function keyPairFileErrors(certificate: OptionFile, key: OptionFile, readFile: ReadFile): string[] {
  const errors: string[] = [];
  const [ofCertificate, ofKey] = [certificate, key].map(reader(readFile, errors));
  if (ofCertificate === undefined || ofKey === undefined) return errors;
  const names = { certificate: `--${certificate.flag}`, key: `--${key.flag}` };
  return keyPairErrors({ certificate: ofCertificate, key: ofKey }, names);
}

/** Returns a reader that adds errors to `errors`. */
const reader =
  (readFile: ReadFile, errors: string[]) =>
  ({ flag, path }: OptionFile): string | undefined => {
    try {
      return readOptionFile(flag, path, readFile);
    } catch (error) {
      errors.push((error as Error).message);
      return undefined;
    }
  };
