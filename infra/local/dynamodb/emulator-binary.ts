/** Locates the DynamoDB emulator that ships with Zeroplane: a binary in an npm package for each platform. */

import { createRequire } from 'node:module';

const BINARY_PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@dynoxide/darwin-arm64',
  'darwin-x64': '@dynoxide/darwin-x64',
  'linux-arm64': '@dynoxide/linux-arm64',
  'linux-x64': '@dynoxide/linux-x64',
};

/** Path of the emulator's binary. Throws with advice if there is none for the platform. */
export function locateBinary(platform = `${process.platform}-${process.arch}`): string {
  const name = BINARY_PACKAGES[platform];
  try {
    if (name !== undefined) return createRequire(import.meta.url).resolve(`${name}/dynoxide`);
  } catch {
    // An optional dependency, which may not be installed.
  }
  throw new Error(
    name === undefined
      ? `no embedded DynamoDB is packaged for ${platform}: run one yourself, such as "npx dynoxide --port 8000", and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000`
      : `the optional package ${name} is not installed: run "npm install" without --omit=optional, or run a DynamoDB yourself, such as "npx dynoxide --port 8000", and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000`,
  );
}
