const SUFFIX = '.static.k8s.io';

/** Such names are for configuration that isn't in the API. */
export const staticSuffixWarnings = (name: string | undefined): string[] =>
  name?.endsWith(SUFFIX)
    ? [
        `metadata.name: names ending with "${SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`,
      ]
    : [];
