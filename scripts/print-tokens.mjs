/** Reads the server-sent events of a chat completion on stdin and prints its text as it arrives. */
import { createInterface } from 'node:readline';

let tokens = 0;
let began;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.startsWith('data: ')) {
    // Not an event: an error's body, which a person should see.
    if (line !== '' && !line.startsWith(':')) process.stdout.write(`${line}\n`);
    continue;
  }
  const data = line.slice('data: '.length);
  if (data === '[DONE]') break;
  const text = JSON.parse(data).choices?.[0]?.delta?.content;
  if (typeof text !== 'string' || text === '') continue;
  began ??= performance.now();
  tokens += 1;
  process.stdout.write(text);
}
if (tokens === 0) {
  process.stderr.write('No token arrived.\n');
  process.exit(1);
}
process.stdout.write(`\n\n${tokens} tokens, streamed over ${Math.ceil(performance.now() - began)} ms.\n`);
