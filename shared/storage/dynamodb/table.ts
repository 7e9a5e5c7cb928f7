/** The table as data, in CloudFormation's words: the tests, the local server and the SAM template all use this one. */

/** One table per tenant holds every item: objects, their logs, their heads and the parts of large values. */
export const TABLE_PROPERTIES = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
} as const;
