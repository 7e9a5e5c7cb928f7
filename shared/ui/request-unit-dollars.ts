/** Price in dollars of a million of DynamoDB's request units, on demand, us-east-1. */
export const MILLION_UNITS_DOLLARS = { read: 0.125, write: 0.625 } as const;
