# Before submit.sh and sbatch-once.sh. Set before: mark, the word that frames the sections.

# say NAME [ARGUMENT]: starts a section on both streams.
say() {
  printf '\n%s %s\n' "$mark" "$*"
  printf '\n%s %s\n' "$mark" "$*" >&2
}
