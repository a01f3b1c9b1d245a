# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=FILE -DDIRECTORY=... -DBODY=... -DSTYLE=... -DSCRIPT=... -P: the
# files (lists parted by commas) as the C source that report/page.h declares.
set(source "#include \"report/page.h\"\n")
foreach(name BODY STYLE SCRIPT)
  string(REPLACE "," ";" files "${${name}}")
  set(hex "")
  foreach(file ${files})
    file(READ ${DIRECTORY}/${file} one HEX)
    string(APPEND hex "${one}")
  endforeach()
  string(LENGTH "${hex}" len)
  math(EXPR len "${len} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(TOLOWER ${name} lower)
  string(APPEND source "static const unsigned char ${lower}[] = {\n${hex}\n};\n"
    "const struct page_text page_${lower} = { (const char *)${lower}, ${len} };\n")
endforeach()
file(WRITE ${OUT} "${source}")
