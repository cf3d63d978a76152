/* What a query asks the index for. Material would look for every word that begins as one of the query does: "to" for "toy", and
   "training" never for "train". Here a word counts double as it is typed, and else with all that share its stem. */
function asked(word, _, words) {
  const dull = (other) => !lunr.stopWordFilter(other.toLowerCase());
  // What begins with a sign, or ends with one and a number, is in Lunr's own language.
  if (/^[+-]|[~^]\d+$/.test(word)) return [word];
  if (dull(word) && !words.every(dull)) return [];
  const typed = word.toLowerCase().replace(/\*$/, "");
  // Beside other words a number or a letter begins too much: 2 every year since 2000.
  if (/^(\d+|\p{L})$/u.test(typed) && words.some((other) => other !== word)) return [`${typed}^2`];
  const stem = lunr.stemmer(new lunr.Token(typed)).toString();
  let shared = 0;
  while (shared < stem.length && stem[shared] === typed[shared]) shared += 1;
  return [`${typed}^2`, `${typed.slice(0, shared > 2 ? shared : typed.length)}*`];
}
