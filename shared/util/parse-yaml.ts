/** The YAML library, for whoever loads it when it is needed: CommonJS has no names in a bundle's lazy import. */

import { parse } from 'yaml';

/** Throws for what isn't YAML. */
export const parseYAML: (text: string, options?: { readonly version?: '1.1' | '1.2' }) => unknown = parse;
