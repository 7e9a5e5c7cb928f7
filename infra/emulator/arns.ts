/** Names of what a template declares, as AWS gives them. */

const PLACE = 'us-east-1:000000000000';

export const tableARN = (name: string): string => `arn:aws:dynamodb:${PLACE}:table/${name}`;

export const functionARN = (name: string): string => `arn:aws:lambda:${PLACE}:function:${name}`;

/** Of a table, or of what it has. */
export const tableOfARN = (arn: string): string | undefined => /:table\/([^/]+)/.exec(arn)?.[1];
