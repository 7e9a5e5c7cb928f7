/** `zeroplane token` and `zeroplane rotate-...`: login tokens, and the keys for signing and encryption. */

import type { Command } from 'commander';
import { orFail, tenantName } from './command-line.ts';
import { storeCommand } from './store-command.ts';

export function keyCommands(program: Command): void {
  program
    .command('token')
    .description('Prints a token for login as an IAM identity (a kubectl exec credential plugin).')
    .requiredOption('--cluster-id <id>', 'audience of the token: output ClusterId of the stack')
    .option('--region <region>', 'Region whose STS verifies it (default: AWS_REGION, or of the profile)')
    .option('--profile <name>', 'AWS profile to log in with')
    .action((options) => orFail(async () => (await import('../login/token.ts')).printToken(options)));

  program
    .command('rotate-keys')
    .description('Adds a signing key for service account tokens; older tokens stay valid.')
    .option('--tenant <name>', 'the control plane', tenantName, 'default')
    .option('--data-dir <folder>', 'data directory of a local server (default: a stack on AWS)')
    .option('--region <region>', 'Region of the stack (default: AWS_REGION, or of the profile)')
    .option('--profile <name>', 'AWS profile to use')
    .option('--delete <key>', 'delete this key; its tokens become invalid')
    .action((options) =>
      orFail(async () => console.log(await (await import('../keys/rotate-keys.ts')).rotateKeys(options))),
    );

  program
    .command('rotate-authorities')
    .description('Adds new certificate authorities; certificates of the older ones stay valid.')
    .option('--tenant <name>', 'the control plane', tenantName, 'default')
    .option('--data-dir <folder>', 'data directory of a local server (default: a stack on AWS)')
    .option('--region <region>', 'Region of the stack (default: AWS_REGION, or of the profile)')
    .option('--profile <name>', 'AWS profile to use')
    .option('--delete <number>', 'delete these authorities; their certificates become invalid')
    .action((options) =>
      orFail(async () => {
        const { rotateAuthorities } = await import('../keys/rotate-authorities.ts');
        console.log(await rotateAuthorities(options));
      }),
    );

  storeCommand(program, 'rotate-encryption-keys', 'Rotates the key that encrypts values at rest.')
    .option('--add', 'with running servers, step 1: add a key for decryption to the file')
    .option('--use', 'step 2: encrypt with the key added last')
    .option('--rewrite', 'step 3, and after an interruption: rewrite values under other keys')
    .option('--delete <key>', 'remove a key from the file; refused if any value uses it')
    .action((options) =>
      orFail(async () => {
        const { rotateEncryptionKeys } = await import('../keys/rotate-encryption-keys.ts');
        console.log(await rotateEncryptionKeys(options));
      }),
    );
}
