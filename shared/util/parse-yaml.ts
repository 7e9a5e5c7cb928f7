/**
 * The YAML library in a module of its own, for lazy imports: a bundle's lazy import of CommonJS has no named exports.
 */

import { parse } from 'yaml';

interface YAMLOptions {
  readonly version?: '1.1' | '1.2';
  /** Every scalar is parsed as a string, exactly as written. */
  readonly schema?: 'failsafe';
}

/** Throws for invalid YAML. */
export const parseYAML: (text: string, options?: YAMLOptions) => unknown = parse;
