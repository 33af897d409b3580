/** What `npm start` tells: plain lines for people, nothing that blinks. */
export interface Say {
  /** What is being done, when it takes a while. */
  note(line: string): void;
  /** What is so now: a name and a value in columns. */
  fact(name: string, value: string): void;
  heading(line: string): void;
}

const NAME_WIDTH = 11;

export function createSay(write: (text: string) => void): Say {
  return {
    note: (line) => {
      write(`  ${line}\n`);
    },
    fact: (name, value) => {
      write(`  ${name.padEnd(NAME_WIDTH)} ${value}\n`);
    },
    heading: (line) => {
      write(`\n${line}\n`);
    },
  };
}
