/**
 * The YAML library in a module of its own, for lazy imports: a bundle's lazy import of CommonJS has no named exports.
 */

import { parse } from 'yaml';

/** Throws for invalid YAML. */
export const parseYAML: (text: string, options?: { readonly version?: '1.1' | '1.2' }) => unknown = parse;
