/** How often and for how long a client of AWS's SDK tries. */

const ATTEMPTS = 4;

/** `milliseconds` for each attempt: by itself the SDK would only warn of an answer that doesn't come, and wait on. */
export const sdkBounds = (milliseconds: number) => ({
  maxAttempts: ATTEMPTS,
  requestHandler: {
    connectionTimeout: milliseconds,
    requestTimeout: milliseconds,
    throwOnRequestTimeout: true,
  },
});
