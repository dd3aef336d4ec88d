# Prototypes, one a line, to "name result(type,type...)" with one word for each type that the ABI
# tells apart. gfortran writes a handle, the address of a handle and a text as pointers to void.
function word(type) {
  gsub(/const /, "", type)
  if (type ~ /function|_fn/) return "function"
  pointer = type ~ /\*/ ? "*" : ""
  sub(/^ */, "", type)
  sub(/[ *].*/, "", type)
  if (type ~ /^(char|sagips_(options|stage|pipeline|problem|comm|solver))$/) type = "void"
  if (type ~ /^(int32_t|sagips_status)$/) type = "int"
  if (type ~ /^(int64_t|uint64_t|size_t)$/) type = "long"
  return type pointer
}
{
  # The typedef of a callback reads like a prototype; a callback among the parameters is one word.
  sub(/\(\*sagips/, "sagips")
  sub(/_fn\)/, "_fn")
  gsub(/\(\*[a-z_]*\) *\([^)]*\)/, "function")
  match($0, /sagips_[a-z_]* *\(/)
  result = word(substr($0, 1, RSTART - 1))
  name = substr($0, RSTART, RLENGTH)
  rest = substr($0, RSTART + RLENGTH)
  sub(/ *\($/, "", name)
  sub(/\).*/, "", rest)
  n = split(rest, parameters, ",")
  list = ""
  for (i = 1; i <= n; ++i)
    if (parameters[i] != "void") list = list (i > 1 ? "," : "") word(parameters[i])
  print name, result "(" list ")"
}
