import { parse } from 'yaml';

/** CloudFormation's functions that have a short form, `!Ref x`. */
export const TEMPLATE_FUNCTIONS = [
  ...['Ref', 'Sub', 'GetAtt', 'FindInMap', 'Split'],
  ...['Condition', 'If', 'Not', 'Equals', 'And', 'Or'],
];

const customTags = TEMPLATE_FUNCTIONS.map((name) => `!${name}`).flatMap((tag) => [
  { tag, resolve: (value: string) => value },
  { tag, collection: 'seq' as const, resolve: (value: unknown) => value },
]);

/**
 * Parses the text of a CloudFormation template without evaluating it: short functions are replaced by their arguments.
 */
export const parsePlainTemplate = <T>(text: string): T => parse(text, { customTags, logLevel: 'error' }) as T;
