/** The YAML library, for whoever loads it when it is needed: CommonJS has no names in a bundle's lazy import. */
export { parse as parseYAML } from 'yaml';
