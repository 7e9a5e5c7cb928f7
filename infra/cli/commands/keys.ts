/** `zeroplane token` and `zeroplane rotate-...`: who logs in, and the keys that vouch for it or seal what is stored. */

import type { Command } from 'commander';
import { orFail } from './command-line.ts';
import { storeCommand } from './store-command.ts';

export function keyCommands(program: Command): void {
  program
    .command('token')
    .description('Prints a token by which an IAM identity logs in, for kubectl (exec credential plugin).')
    .requiredOption('--cluster-id <id>', 'what the token is for: ClusterId among the outputs of the stack')
    .option('--region <region>', 'whose STS is to confirm it (default: of the profile, or AWS_REGION)')
    .option('--profile <name>', 'AWS profile to log in with')
    .action((options) => orFail(async () => (await import('../login/token.ts')).printToken(options)));

  program
    .command('rotate-keys')
    .description("Gives a control plane a new key for service accounts' tokens; old tokens stay good.")
    .option('--tenant <name>', 'the control plane', 'default')
    .option('--data-dir <folder>', "of a local server's; else it is a stack on AWS")
    .option('--region <region>', 'where it is deployed (default: of the profile, or AWS_REGION)')
    .option('--profile <name>', 'AWS profile to use')
    .option('--delete <key>', 'delete this key, whose tokens have ended')
    .action((options) =>
      orFail(async () => console.log(await (await import('../keys/rotate-keys.ts')).rotateKeys(options))),
    );

  program
    .command('rotate-authorities')
    .description(
      'Gives a control plane other certificate authorities; certificates of those before stay good.',
    )
    .option('--tenant <name>', 'the control plane', 'default')
    .option('--data-dir <folder>', "of a local server's; else it is a stack on AWS")
    .option('--region <region>', 'where it is deployed (default: of the profile, or AWS_REGION)')
    .option('--profile <name>', 'AWS profile to use')
    .option('--delete <number>', 'delete these authorities, whose certificates have ended')
    .action((options) =>
      orFail(async () => {
        const { rotateAuthorities } = await import('../keys/rotate-authorities.ts');
        console.log(await rotateAuthorities(options));
      }),
    );

  storeCommand(program, 'rotate-encryption-keys', 'Gives a control plane another key for its values at rest.')
    .option('--add', 'servers run, step 1: the file gets a key that reads')
    .option('--use', 'step 2: the key that was added last encrypts')
    .option('--rewrite', 'step 3, and after an interruption: what is under other keys is written anew')
    .option('--delete <key>', 'takes a key out of the file, if no value is under it')
    .action((options) =>
      orFail(async () => {
        const { rotateEncryptionKeys } = await import('../keys/rotate-encryption-keys.ts');
        console.log(await rotateEncryptionKeys(options));
      }),
    );
}
