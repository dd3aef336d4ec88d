# Writes OUTPUT, a C++ source with the text of every file in FOLDER/<language>/ as a string, so that the
# command carries them and needs no file at run time: cmake -DFOLDER=.. -DOUTPUT=.. -P embed.cmake
file(GLOB paths RELATIVE ${FOLDER} ${FOLDER}/*/*)
set(source "// Written by embed.cmake from src/tool/skeleton.\n#include \"tool/skeleton.h\"\n
namespace sagips_tool {\n
const std::vector<SkeletonFile>& skeleton_files() {
  static const std::vector<SkeletonFile> files = {\n")
foreach(path IN LISTS paths)
  get_filename_component(language ${path} DIRECTORY)
  get_filename_component(name ${path} NAME)
  file(READ ${FOLDER}/${path} text)
  string(APPEND source "      {\"${language}\", \"${name}\", R\"skeleton(${text})skeleton\"},\n")
endforeach()
string(APPEND source "  };\n  return files;\n}\n\n}  // namespace sagips_tool\n")
file(WRITE ${OUTPUT} "${source}")
