/** Bounds on retries and timeouts of AWS SDK clients. */

const ATTEMPTS = 4;

/**
 * `milliseconds`: timeout of each attempt. By default the SDK only warns about a missing response, and keeps waiting.
 */
export const sdkBounds = (milliseconds: number) => ({
  maxAttempts: ATTEMPTS,
  requestHandler: {
    connectionTimeout: milliseconds,
    requestTimeout: milliseconds,
    throwOnRequestTimeout: true,
  },
});
